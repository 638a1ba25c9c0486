/** The files of agents as they are on the disk: perhaps links into a folder of dotfiles, and written by others meanwhile. */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open, realpath, rename, rm, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../engine/files/make-folder.js';
import { errno, passAllButRefusals, PhlbError, reason } from '../engine/words/errors.js';
import { phrase } from '../engine/words/phrase.js';

/** Bytes. Settings are hundredths of that. */
const LARGEST = 1024 * 1024;
const BOM = '\uFEFF';
const { O_RDONLY, O_NONBLOCK = 0 } = constants;

/** A file as it was read. */
export interface ReadFile {
  /** where it is, with every link followed; the path itself where there is none */
  target: string;
  /** `null`: there is no file */
  text: string | null;
  /** its permissions */
  mode: number;
  /** a byte order mark comes first */
  bom: boolean;
}

/** @throws PhlbError `store` for one that cannot be read, `damaged` for one that is no text, too large, or no file */
export async function readConfigFile(path: string): Promise<ReadFile> {
  const target = await targetOf(path);
  if (target === undefined) return { target: path, text: null, mode: 0o600, bom: false };
  const handle = await told(path, () => open(target, O_RDONLY | O_NONBLOCK));
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new PhlbError('damaged', phrase`This is no regular file`, { path });
    const bytes = await readBounded(handle);
    if (bytes === null) throw new PhlbError('damaged', phrase`This is too large for settings`, { path });
    const whole = decoded(bytes, path);
    const bom = whole.startsWith(BOM);
    return { target, text: bom ? whole.slice(1) : whole, mode: stat.mode & 0o777, bom };
  } finally {
    await handle.close();
  }
}

/**
 * Puts `text` in the place of what was read, in one step, or takes the file away (`null`).
 * @throws PhlbError `store` for what the system refuses, and where the file is no longer as it was read
 */
export async function writeConfigFile(path: string, read: ReadFile, text: string | null): Promise<void> {
  const present = await readConfigFile(path);
  if (present.target !== read.target || present.text !== read.text || present.bom !== read.bom) {
    throw new PhlbError('store', phrase`This file has changed meanwhile`, { path, hint: phrase`try again` });
  }
  await told(path, async () => {
    if (text === null) await rm(read.target);
    else await replace(read, (read.bom ? BOM : '') + text);
  });
}

async function replace({ target, mode }: ReadFile, text: string): Promise<void> {
  makeFolder(dirname(target));
  const temporary = join(dirname(target), `.phlb-${randomBytes(6).toString('hex')}.new`);
  try {
    const handle = await open(temporary, 'wx', mode);
    try {
      await handle.writeFile(text);
      // Not narrowed by the umask: it is the mode that the file had.
      if (process.platform !== 'win32') await handle.chmod(mode);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

// A link that leads nowhere is somebody's mistake, or a disk that is not there: nothing is made behind it.
async function targetOf(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errno(error) !== 'ENOENT') throw refused(path, error);
  }
  try {
    await lstat(path);
  } catch (error) {
    passAllButRefusals(error, 'ENOENT');
    return undefined;
  }
  throw new PhlbError('store', phrase`This link leads nowhere`, { path });
}

async function readBounded(handle: FileHandle): Promise<Buffer | null> {
  const buffer = Buffer.allocUnsafe(LARGEST + 1);
  let length = 0;
  while (length <= LARGEST) {
    const { bytesRead } = await handle.read(buffer, length, buffer.length - length, null);
    if (bytesRead === 0) return Buffer.from(buffer.subarray(0, length));
    length += bytesRead;
  }
  return null;
}

function decoded(bytes: Buffer, path: string): string {
  const text = bytes.toString('utf8');
  // What is no text would not come back as it was.
  if (Buffer.from(text, 'utf8').equals(bytes)) return text;
  throw new PhlbError('damaged', phrase`This is not UTF-8`, { path });
}

async function told<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw PhlbError.is(error) ? error : refused(path, error);
  }
}

function refused(path: string, error: unknown): PhlbError {
  passAllButRefusals(error);
  return new PhlbError('store', phrase`This file cannot be read or written (${reason(error)})`, { path, cause: error });
}
