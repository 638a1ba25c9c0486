/** How this `phlb` is called from elsewhere, tomorrow as today. */
import { open } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { passAllButRefusals, PhlbError } from '../engine/words/errors.js';
import { phrase } from '../engine/words/phrase.js';

/** Stands in the scripts that the extension writes. */
export const LAUNCHER_MARK = 'Written by the PHLB extension';
const MOST_FOLDERS = 200;
const MOST_BYTES = 4096;

/**
 * Node and the script; or the launcher of the extension, which outlives the extension's updates, where it was called by that.
 * @param self the program that runs, and its script
 * @throws PhlbError `usage` where neither will be there tomorrow
 */
export async function ownProgram(
  self: readonly [string, string],
  env: NodeJS.ProcessEnv,
  platform: NodeJS.Platform,
): Promise<string[]> {
  if (env.ELECTRON_RUN_AS_NODE) {
    for (const folder of (env.PATH ?? env.Path ?? '').split(delimiter).slice(0, MOST_FOLDERS)) {
      const file = join(folder, platform === 'win32' ? 'phlb.cmd' : 'phlb');
      if (isAbsolute(folder) && (await isLauncher(file))) return [file];
    }
    throw new PhlbError('usage', phrase`It is not known how an agent can call this phlb`, {
      hint: phrase`call it as phlb in a terminal of the editor`,
    });
  }
  if (/[\\/]_npx[\\/]/.test(self[1])) {
    throw new PhlbError('usage', phrase`npx keeps this phlb for a while only`, {
      hint: phrase`install it first: npm install --global phlb`,
    });
  }
  return [...self];
}

async function isLauncher(file: string): Promise<boolean> {
  try {
    const handle = await open(file, 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(MOST_BYTES), 0, MOST_BYTES, 0);
      return buffer.toString('latin1', 0, bytesRead).includes(LAUNCHER_MARK);
    } finally {
      await handle.close();
    }
  } catch (error) {
    passAllButRefusals(error);
    return false;
  }
}
