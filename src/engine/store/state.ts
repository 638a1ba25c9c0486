/**
 * What this host remembers, in PHLB's state folder: its own random id, and for each backup root the id of the store
 * that was seen there. A folder beside neither the roots nor the index, so that losing either changes nothing here.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { posix, win32 } from 'node:path';
import { phrase } from '../words/phrase.js';
import { createExclusive, replaceFile } from '../files/durable.js';
import { passAllButRefusals, passUnforeseen, PhlbError, reason, unlessRefused } from '../words/errors.js';
import { pathKey } from '../words/names.js';
import { makeFolder } from '../files/make-folder.js';
import { isFull } from '../files/store-error.js';

/**
 * PHLB's state folder: `$XDG_STATE_HOME/phlb` or `~/.local/state/phlb` (XDG Base Directory Specification),
 * `%LOCALAPPDATA%\phlb` on Windows, `~/Library/Application Support/phlb` on macOS.
 */
export function stateFolder(env: NodeJS.ProcessEnv, platform: NodeJS.Platform, home: () => string): string {
  if (platform === 'win32') return win32.join(env.LOCALAPPDATA ?? win32.join(home(), 'AppData', 'Local'), 'phlb');
  if (platform === 'darwin') return posix.join(home(), 'Library', 'Application Support', 'phlb');
  const xdg = env.XDG_STATE_HOME;
  // The specification says to ignore a relative path.
  return posix.join(xdg !== undefined && posix.isAbsolute(xdg) ? xdg : posix.join(home(), '.local', 'state'), 'phlb');
}

/** The host's random id, made at the first call. `PHLB_HOST` overrides it, for containers that keep nothing. */
export function hostId(state: string, env: NodeJS.ProcessEnv = process.env): string {
  const known = knownHostId(state, env);
  if (known !== undefined) return known;
  const file = hostFile(state);
  written(state, () => makeFolder(state));
  written(state, () => createExclusive(file, `${randomBytes(8).toString('hex')}\n`));
  const id = readText(file)?.trim();
  if (!id)
    throw new PhlbError('store', phrase`The id of this computer cannot be saved`, {
      path: file,
      hint: phrase`remove the empty file`,
    });
  return id;
}

/** The host's id, if it has one yet. Writes nothing. */
export function knownHostId(state: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  return env.PHLB_HOST || readText(hostFile(state))?.trim() || undefined;
}

/** The id of the store that this host has last seen at that root. */
export function rememberedStore(state: string, root: string): string | undefined {
  const text = readText(rootFile(state, root));
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && 'storeId' in value && typeof value.storeId === 'string') {
      return value.storeId;
    }
  } catch (error) {
    passUnforeseen(error);
    // An unreadable memory is no memory.
  }
  return undefined;
}

export function rememberStore(state: string, root: string, storeId: string): void {
  if (rememberedStore(state, root) === storeId) return;
  written(state, () => {
    makeFolder(`${state}/roots`);
    replaceFile(rootFile(state, root), JSON.stringify({ root, storeId }, undefined, 2) + '\n');
  });
}

function written(state: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    passAllButRefusals(error);
    throw new PhlbError('store', phrase`PHLB cannot save its state (${reason(error)})`, {
      path: state,
      hint: isFull(error)
        ? phrase`free some space on its disk, then try again`
        : phrase`check the folder, or name another one in XDG_STATE_HOME`,
      cause: error,
    });
  }
}

function hostFile(state: string): string {
  return `${state}/host-id`;
}

// One file a root, so that two processes that remember different roots cannot lose each other's.
function rootFile(state: string, root: string): string {
  return `${state}/roots/${createHash('sha256').update(pathKey(root)).digest('hex').slice(0, 16)}.json`;
}

function readText(file: string): string | undefined {
  return unlessRefused(() => readFileSync(file, 'utf8'), 'ENOENT');
}
