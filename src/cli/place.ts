import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { PhlbError } from '../engine/words/errors.js';
import type { StorePlace } from '../engine/words/model.js';
import { stateFolder } from '../engine/store/state.js';
import { absolute } from './exact.js';
import type { OptionValues } from './options.js';

/** Where the store is: an option beats the environment, which beats the default. Throws `usage` for an empty option. */
export function storePlace(
  values: Pick<OptionValues, 'root' | 'index'>,
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): StorePlace {
  const state = stateFolder(env, platform, homeFolder);
  return {
    root: folder('--root', values.root, env['PHLB_ROOT'], () => join(homeFolder(), 'PyHardLinkBackups')),
    index: folder('--index', values.index, env['PHLB_INDEX'], () => join(state, 'index')),
    state,
  };
}

function folder(
  option: string,
  value: string | undefined,
  fromEnv: string | undefined,
  fallback: () => string,
): string {
  if (value === '') throw new PhlbError('usage', `${option} needs a folder`);
  return absolute(value ?? (fromEnv || fallback()));
}

// An account without an entry in the system's list has none, as in many containers.
function homeFolder(): string {
  let home = '';
  try {
    home = homedir();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_SYSTEM_ERROR')) throw error;
  }
  if (isAbsolute(home)) return home;
  throw new PhlbError('usage', 'This account has no home folder', {
    hint: 'name one in HOME, or give all three folders: --root, --index and XDG_STATE_HOME',
  });
}
