/** Manifests as files: gzipped text, read as a whole into memory that threads share, written as a stream. */
import { closeSync, constants, createWriteStream, fstatSync, openSync, readSync } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { createGunzip, createGzip, type Gzip } from 'node:zlib';
import { PhlbError, reason } from '../errors.js';
import { MANIFEST_HEADER, parseEntry, unescapePath, type Entry } from './manifest.js';

const NEWLINE = 10;
const SPACE = 32;
const SLASH = 47;
const HASH = 35;

// A bomb stops here. 4 GiB hold some twenty million entries; Node cannot make a larger buffer on every platform.
const MAX_TEXT = 4 * 1024 ** 3 - 1;
// Gzip's own limit is about 1,030. A name, two times and an inode that differ leave at most 30; the deepest paths, 150.
const MAX_RATIO = 250;
// Twice as many folders as a path of Linux can name.
const MAX_DEPTH = 4096;
const CHUNK = 1 << 20;
const REMEDY = 'rebuild --rehash makes it again from the tree';

const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;

/** The lines of one directory's entries: a range of bytes. */
export interface Range {
  start: number;
  end: number;
}

/** A manifest in memory. The bytes are shared, so a thread can be given a range of them. */
export class ManifestText {
  /** by directory, in the file's order; directories without entries are missing */
  readonly groups: ReadonlyMap<string, Range>;
  /** the line of the source folder itself */
  readonly rootLine: string;

  /** @throws SyntaxError when the text is no manifest of this format */
  constructor(readonly bytes: Buffer) {
    if (bytes.toString('latin1', 0, MANIFEST_HEADER.length) !== MANIFEST_HEADER) {
      throw new SyntaxError('not a PHLB manifest of format 1');
    }
    const rootEnd = bytes.indexOf(NEWLINE, MANIFEST_HEADER.length);
    this.rootLine = bytes.toString('latin1', MANIFEST_HEADER.length, rootEnd);
    if (rootEnd < 0 || !this.rootLine.startsWith('. type=dir '))
      throw new SyntaxError('a manifest without its root entry');
    if (bytes[bytes.length - 1] !== NEWLINE) throw new SyntaxError('the last line is cut off');
    this.groups = findGroups(bytes, rootEnd + 1);
  }

  lines(range: Range): string[] {
    return range.end <= range.start ? [] : this.bytes.toString('latin1', range.start, range.end - 1).split('\n');
  }

  /**
   * All entries in the manifest's order, the source folder itself (`path: ''`) first.
   * @throws PhlbError `damaged` at a line that cannot be understood
   */
  *entries(): Generator<Entry> {
    const root = understood(this.rootLine);
    if (root) yield root;
    for (const range of this.groups.values()) {
      for (const line of this.lines(range)) {
        const entry = understood(line);
        if (entry) yield entry;
      }
    }
  }
}

/**
 * Reads a manifest. Memory: its uncompressed size.
 * @throws PhlbError `damaged` when it is missing, cut off, garbled, or unpacks to more than a manifest can
 */
export async function readManifest(file: string): Promise<ManifestText> {
  try {
    const fd = openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const stat = fstatSync(fd);
      if (!stat.isFile()) throw new SyntaxError('it is no regular file');
      return new ManifestText(await unpack(fd, Math.min(MAX_TEXT, stat.size * MAX_RATIO)));
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw new PhlbError(
      'damaged',
      `The manifest cannot be read (${error instanceof Error ? error.message : String(error)})`,
      {
        path: file,
        hint: REMEDY,
        cause: error,
      },
    );
  }
}

/** Writes a manifest line by line; `close` waits until all is with the operating system. */
export class ManifestWriter {
  private readonly gzip: Gzip;
  private readonly closed: Promise<void>;
  private waiting: string[] = [];
  private size = 0;

  constructor(file: string) {
    // Level 3: half of the time of the default for a file 6 % larger.
    this.gzip = createGzip({ level: 3, chunkSize: 256 * 1024 });
    const out = createWriteStream(file, { flags: 'wx', mode: 0o600 });
    this.closed = finished(this.gzip.pipe(out));
    // `pipe` does not carry errors over, and one before `close` must not count as unhandled.
    this.gzip.on('error', error => out.destroy(error));
    this.closed.catch(() => undefined);
    this.text(MANIFEST_HEADER);
  }

  /** Whole lines, each with its newline. */
  text(lines: string): void {
    this.waiting.push(lines);
    this.size += lines.length;
    if (this.size >= 256 * 1024) this.flush();
  }

  /** Waits until what was written is no longer held in memory. */
  async drained(): Promise<void> {
    if (this.gzip.writableNeedDrain) await Promise.race([once(this.gzip, 'drain'), this.closed]);
  }

  async close(): Promise<void> {
    this.flush();
    this.gzip.end();
    await this.closed;
  }

  private flush(): void {
    if (this.size > 0) this.gzip.write(Buffer.from(this.waiting.join(''), 'latin1'));
    this.waiting = [];
    this.size = 0;
  }
}

function understood(line: string): Entry | undefined {
  try {
    return parseEntry(line);
  } catch (cause) {
    throw new PhlbError('damaged', `A manifest cannot be understood (${reason(cause)})`, { hint: REMEDY, cause });
  }
}

async function unpack(fd: number, limit: number): Promise<Buffer> {
  const gunzip = createGunzip({ chunkSize: CHUNK });
  const chunks: Buffer[] = [];
  let size = 0;
  const done = (async (): Promise<void> => {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > Math.max(limit, CHUNK) || isEndless(chunk)) {
        throw new SyntaxError('it unpacks to more than a manifest can');
      }
      chunks.push(chunk);
    }
  })();
  const input = Buffer.allocUnsafe(1 << 18);
  done.catch(() => undefined);
  for (let n = readSync(fd, input); n > 0 && !gunzip.destroyed; n = readSync(fd, input)) {
    if (!gunzip.write(Buffer.from(input.subarray(0, n)))) await Promise.race([once(gunzip, 'drain'), done]);
  }
  gunzip.end();
  await done;
  const whole = Buffer.from(new SharedArrayBuffer(size));
  let at = 0;
  for (const chunk of chunks) at += chunk.copy(whole, at);
  return whole;
}

// One line that never ends, or the same over and over: known for nonsense long before the limit.
function isEndless(chunk: Buffer): boolean {
  const first = chunk.indexOf(NEWLINE) + 1;
  const second = chunk.indexOf(NEWLINE, first) + 1;
  const third = chunk.indexOf(NEWLINE, second) + 1;
  if (third === 0) return chunk.length === CHUNK;
  return chunk.compare(chunk, second, third, first, second) === 0;
}

function findGroups(bytes: Buffer, from: number): Map<string, Range> {
  const groups = new Map<string, Range>();
  let current: Range | undefined;
  let prefix = '';
  for (let at = from; at < bytes.length;) {
    const end = bytes.indexOf(NEWLINE, at) + 1;
    const path = bytes[at] === HASH ? at + 2 : at;
    const slash = bytes.lastIndexOf(SLASH, bytes.indexOf(SPACE, path));
    if (slash <= path) throw new SyntaxError('a line without a path');
    const length = slash - path;
    if (current && length === prefix.length && bytes.toString('latin1', path, slash) === prefix) current.end = end;
    else {
      prefix = bytes.toString('latin1', path, slash);
      current = { start: at, end };
      if (length > MAX_DEPTH && prefix.split('/').length > MAX_DEPTH) throw new SyntaxError('a path without end');
      const dir = unescapePath(prefix);
      if (groups.has(dir)) throw new SyntaxError('a directory stands in two places');
      groups.set(dir, current);
    }
    at = end;
  }
  return groups;
}
