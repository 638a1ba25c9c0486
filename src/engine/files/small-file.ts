import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { PhlbError } from '../words/errors.js';
import { phrase } from '../words/phrase.js';

const CHUNK = 4096;
const READS = 5;
const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;

/**
 * The text (UTF-8) of a small file in a backup location, which somebody else may have prepared: never through a symlink,
 * never waiting for a FIFO's writer, never more than `maxBytes`.
 * @throws the system's error; SyntaxError for what is no such file
 */
export function readSmallFile(file: string | Buffer, maxBytes: number): string {
  return readSmallBytes(file, maxBytes).toString('utf8');
}

/**
 * The value in a small JSON file. Where it makes no sense it is read once more: a driver that reads by name (of exFAT in user
 * space) makes a mixture of one that is replaced at that moment.
 * @throws as `readSmallFile`
 */
export function readSmallJson(file: string, maxBytes: number): unknown {
  let before: string | undefined;
  for (let attempt = 1; ; attempt++) {
    const text = readSmallFile(file, maxBytes);
    try {
      return JSON.parse(text);
    } catch (error) {
      if (text === before || attempt === READS) throw error;
      before = text;
    }
  }
}

/** As `readSmallFile`, its bytes. */
export function readSmallBytes(file: string | Buffer, maxBytes: number): Buffer {
  const fd = openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw new SyntaxError('it is not a regular file');
    const bytes = readBoundedBytes(fd, stat.size, maxBytes);
    if (bytes === null) throw new SyntaxError('it is too large');
    return bytes;
  } finally {
    closeSync(fd);
  }
}

/**
 * The text of an open file; `null`: it holds more than `maxBytes`. Some say that they are empty and never end
 * (`/proc/self/pagemap`), so a size is not believed.
 * @param encoding `latin1`: a character a byte
 */
export function readBounded(
  fd: number,
  size: number,
  maxBytes: number,
  encoding: 'utf8' | 'latin1' = 'utf8',
): string | null {
  return readBoundedBytes(fd, size, maxBytes)?.toString(encoding) ?? null;
}

/** As `readBounded`, its bytes. */
export function readBoundedBytes(fd: number, size: number, maxBytes: number): Buffer | null {
  if (size > maxBytes) return null;
  const chunks: Buffer[] = [];
  for (let length = 0; length <= maxBytes;) {
    // One byte more than there should be sees the end of it in the same call.
    const chunk = Buffer.allocUnsafe(Math.max(size + 1 - length, CHUNK));
    const n = readSync(fd, chunk);
    if (n === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, n));
    length += n;
  }
  return null;
}

/** The text for a small file, as it is. @throws PhlbError `store` for one that `readSmallFile` would refuse */
export function fitting(text: string, file: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  throw new PhlbError('store', phrase`This would be too large to be read again, so it was not written`, { path: file });
}
