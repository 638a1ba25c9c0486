import { join } from 'node:path';
import { PhlbError } from '../engine/errors.js';
import type { StorePlace } from '../engine/model.js';
import { stateFolder } from '../engine/store/state.js';
import { absolute } from './exact.js';
import type { OptionValues } from './options.js';

/** Where the store is: an option beats the environment, which beats the default. Throws `usage` for an empty option. */
export function storePlace(
  values: Pick<OptionValues, 'root' | 'index'>,
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
  home: string,
): StorePlace {
  const state = stateFolder(env, platform, home);
  return {
    root: folder('--root', values.root, env['PHLB_ROOT'], join(home, 'PyHardLinkBackups')),
    index: folder('--index', values.index, env['PHLB_INDEX'], join(state, 'index')),
    state,
  };
}

function folder(option: string, value: string | undefined, fromEnv: string | undefined, fallback: string): string {
  if (value === '') throw new PhlbError('usage', `${option} needs a folder`);
  return absolute(value ?? (fromEnv || fallback));
}
