import { isAbsolute, join } from 'node:path';
import { PhlbError } from '../engine/words/errors.js';
import type { StoreLocation } from '../engine/words/model.js';
import { stateFolder } from '../engine/store/state.js';
import type { OptionValues } from './options.js';
import { absolute } from './paths.js';
import type { World } from './world.js';

type Surroundings = Pick<World, 'env' | 'platform' | 'homeFolder' | 'workingFolder'>;

/** Where the store is: an option beats the environment, which beats the default. Throws `usage` for an empty option. */
export function storeLocation(values: Pick<OptionValues, 'root' | 'index'>, world: Surroundings): StoreLocation {
  const { env } = world;
  const home = (): string => homeFolder(world);
  const state = stateFolder(env, world.platform, home);
  const folder = (option: '--root' | '--index', value: string | undefined, fallback: () => string): string => {
    if (value === '') throw new PhlbError('usage', `${option} needs a folder`);
    return absolute(value ?? fallback(), world);
  };
  return {
    root: folder('--root', values.root, () => env['PHLB_ROOT'] || join(home(), 'PyHardLinkBackups')),
    index: folder('--index', values.index, () => env['PHLB_INDEX'] || join(state, 'index')),
    state,
  };
}

/** The home folder. An account without an entry in the system's list has none, as in many containers. */
export function knownHome(world: Pick<World, 'homeFolder'>): string | undefined {
  let home = '';
  try {
    home = world.homeFolder();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_SYSTEM_ERROR')) throw error;
  }
  return isAbsolute(home) ? home : undefined;
}

function homeFolder(world: Pick<World, 'homeFolder'>): string {
  const home = knownHome(world);
  if (home !== undefined) return home;
  throw new PhlbError('usage', 'This account has no home folder', {
    hint: 'name one in HOME, or give all three folders: --root, --index and XDG_STATE_HOME',
  });
}
