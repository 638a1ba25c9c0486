/** Manifests as files: gzipped text, read as a whole into memory that threads share, and written line by line. */
import {
  appendFileSync,
  closeSync,
  constants,
  copyFileSync,
  createWriteStream,
  fstatSync,
  openSync,
  readSync,
  statSync,
  type WriteStream,
} from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { constants as zlib, createGunzip, createGzip, type Gzip } from 'node:zlib';
import { errno, PhlbError } from '../words/errors.js';
import { commandLineHint, phrase } from '../words/phrase.js';
import { MANIFEST_HEADER } from './manifest.js';
import type { Range } from './manifest-groups.js';
import { ManifestText } from './manifest-text.js';

const NEWLINE = 10;
const NOTHING = Buffer.alloc(0);

// A bomb stops here. 4 GiB hold some twenty million entries; Node cannot make a larger buffer on every platform.
const MAX_TEXT = 4 * 1024 ** 3 - 1;
// Gzip's own limit is about 1,030. A name, two times and an inode that differ leave at most 30, paths of 4,096 bytes and a
// hash about 100.
const MAX_RATIO = 250;
// What everybody can spare. A thousand folders one below the other, made at one moment, reach a ratio of 360.
const ALWAYS_READ = 64 << 20;
const CHUNK = 1 << 20;
// What unpacks to no more is unpacked in one piece.
const MAX_CHUNK = 16 << 20;
// Bytes of new lines that a writer keeps for `whole`.
const KEPT_TEXT = 32 << 20;

const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;

/**
 * Reads a manifest into memory that threads share. Memory: its uncompressed size, and as much again until it is put together.
 * @throws PhlbError `damaged` when it is missing, cannot be opened, is cut off, garbled, or unpacks to more than a manifest can
 */
export async function readManifest(file: string): Promise<ManifestText> {
  return readAnyManifest(file, shared);
}

/**
 * The same for this thread alone, sooner: most manifests need not be put together.
 * @param like one in memory that is probably much the same: directories that have the same lines are passed at once
 */
export async function readManifestHere(file: string, like?: ManifestText): Promise<ManifestText> {
  return readAnyManifest(file, joined, like);
}

async function readAnyManifest(
  file: string,
  whole: (chunks: readonly Buffer[]) => Buffer,
  like?: ManifestText,
): Promise<ManifestText> {
  try {
    const fd = openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const stat = fstatSync(fd);
      if (!stat.isFile()) throw new SyntaxError('it is not a regular file');
      // Its text would be no smaller.
      if (stat.size > MAX_TEXT) throw new SyntaxError('it is too large');
      return new ManifestText(whole(await unpack(fd, stat.size)), like);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (!(error instanceof SyntaxError) && errno(error) === undefined && !isZlibError(error)) throw error;
    throw new PhlbError(
      'damaged',
      phrase`The manifest cannot be read (${error instanceof Error ? error.message : String(error)})`,
      {
        path: file,
        hint: commandLineHint('rehash'),
        cause: error,
      },
    );
  }
}

interface Output {
  gzip: Gzip;
  file: WriteStream;
  closed: Promise<void>;
}

/**
 * Writes a manifest line by line; `close` waits until all is with the operating system. As long as the lines are those of
 * `previous`, one after another, nothing is compressed: if that holds to the end, its file is copied.
 */
export class ManifestWriter {
  private out: Output | undefined;
  private waiting: Buffer[] = [];
  private size = 0;
  /** so many bytes of the previous manifest stand for what was written so far; nothing else was */
  private alike = 0;
  /** all that was written, while little of it is new */
  private pieces: Buffer[] | undefined = [];
  private newText = 0;
  /** bytes of text, all together */
  private total = 0;

  constructor(
    private readonly file: string,
    private readonly previous: { file: string; manifest: ManifestText } | null = null,
  ) {
    this.text(MANIFEST_HEADER);
  }

  /** Whole lines, each with its newline. */
  text(lines: string): void {
    this.bytes(Buffer.from(lines, 'latin1'));
  }

  /** Lines that stand in the previous manifest. */
  same(range: Range): void {
    if (!this.previous) throw new Error('there is no previous manifest');
    if (!this.out && range.start === this.alike) {
      this.grow(range.end - range.start);
      this.alike = range.end;
    } else this.bytes(this.previous.manifest.bytes.subarray(range.start, range.end));
  }

  /** Waits until what was written is taken by the packer; else a slow disk would let it pile up in memory. */
  async drained(): Promise<void> {
    if (this.out?.gzip.writableNeedDrain) await Promise.race([once(this.out.gzip, 'drain'), this.out.closed]);
  }

  async close(): Promise<void> {
    const { previous } = this;
    if (!this.out && previous && this.alike === previous.manifest.bytes.length) {
      copyFileSync(previous.file, this.file, constants.COPYFILE_EXCL);
      return;
    }
    const { gzip, closed } = this.begin();
    this.flush(gzip);
    gzip.end();
    await closed;
    if (this.total > ALWAYS_READ) thicken(this.file, Math.ceil(this.total / MAX_RATIO));
  }

  /** Lets go of the file, however far it has come: as long as it is open, not even its removal frees its room. */
  async discard(): Promise<void> {
    if (!this.out) return;
    const { gzip, file, closed } = this.out;
    gzip.destroy();
    file.destroy();
    await closed.catch(() => undefined);
    if (!file.closed) await once(file, 'close');
  }

  /** The manifest as it was written, so that it need not be read again; `null`: too much of it is new. */
  whole(): ManifestText | null {
    if (!this.out) return this.previous?.manifest ?? null;
    return this.pieces ? new ManifestText(Buffer.concat(this.pieces)) : null;
  }

  private bytes(lines: Buffer): void {
    this.grow(lines.length);
    if (!this.out && this.previous) {
      const end = this.alike + lines.length;
      if (this.previous.manifest.bytes.subarray(this.alike, end).equals(lines)) {
        this.alike = end;
        return;
      }
    }
    const { gzip } = this.begin();
    this.keep(lines);
    this.waiting.push(lines);
    this.size += lines.length;
    if (this.size >= 256 * 1024) this.flush(gzip);
  }

  private grow(bytes: number): void {
    this.total += bytes;
    if (this.total <= MAX_TEXT) return;
    throw new PhlbError('usage', phrase`The snapshot would have more entries than a manifest can hold`, {
      hint: phrase`leave folders out, or back them up as sources of their own`,
    });
  }

  private keep(lines: Buffer): void {
    if (lines.buffer !== this.previous?.manifest.bytes.buffer) this.newText += lines.length;
    if (this.newText > KEPT_TEXT) this.pieces = undefined;
    this.pieces?.push(lines);
  }

  private begin(): Output {
    if (this.out) return this.out;
    // Hashes and inodes hold no words to be found again: without short matches the file is 7 % smaller, sooner.
    const gzip = createGzip({ level: 5, memLevel: 9, strategy: zlib.Z_FILTERED, chunkSize: 256 * 1024 });
    const file = createWriteStream(this.file, { flags: 'wx', mode: 0o600 });
    const closed = finished(gzip.pipe(file));
    // `pipe` does not carry errors over, and one before `close` must not count as unhandled.
    gzip.on('error', error => file.destroy(error));
    closed.catch(() => undefined);
    this.out = { gzip, file, closed };
    for (let at = 0; at < this.alike; at += CHUNK) {
      const lines = this.previous?.manifest.bytes.subarray(at, Math.min(at + CHUNK, this.alike)) ?? NOTHING;
      this.keep(lines);
      gzip.write(lines);
    }
    return this.out;
  }

  private flush(gzip: Gzip): void {
    if (this.size > 0) gzip.write(Buffer.concat(this.waiting));
    this.waiting = [];
    this.size = 0;
  }
}

/**
 * Brings a packed file to so many bytes, with an empty part of which the comment is long (RFC 1952, FCOMMENT): one that was
 * packed to less would be taken for a bomb.
 */
function thicken(file: string, bytes: number): void {
  const missing = bytes - statSync(file).size;
  if (missing <= 0) return;
  const head = Buffer.from([0x1f, 0x8b, 8, 0x10, 0, 0, 0, 0, 0, 0xff]);
  // The end of the comment, an empty block, CRC-32 and size of nothing.
  const tail = Buffer.from([0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  appendFileSync(file, Buffer.concat([head, Buffer.alloc(missing, '.'), tail]));
}

// Its codes (`Z_DATA_ERROR`…) are none of the system's.
function isZlibError(error: unknown): error is Error {
  return error instanceof Error && String((error as NodeJS.ErrnoException).code).startsWith('Z_');
}

async function unpack(fd: number, packed: number): Promise<Buffer[]> {
  const limit = Math.max(ALWAYS_READ, Math.min(MAX_TEXT, packed * MAX_RATIO));
  const gunzip = createGunzip({ chunkSize: chunkSize(fd, packed) });
  const chunks: Buffer[] = [];
  let size = 0;
  const done = (async (): Promise<void> => {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit || isEndless(chunk)) throw new SyntaxError('it unpacks to more than a manifest can');
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
  return chunks;
}

// The last four bytes say how large the text is, if nobody lies; with a byte to spare no other chunk is begun.
function chunkSize(fd: number, packed: number): number {
  const trailer = Buffer.alloc(4);
  readSync(fd, trailer, 0, 4, Math.max(0, packed - 4));
  const size = trailer.readUInt32LE() + 1;
  return size <= MAX_CHUNK ? Math.max(CHUNK, size) : CHUNK;
}

function shared(chunks: readonly Buffer[]): Buffer {
  const whole = Buffer.from(new SharedArrayBuffer(lengthOf(chunks)));
  let at = 0;
  for (const chunk of chunks) at += chunk.copy(whole, at);
  return whole;
}

// Pieces that lie one behind the other in the same memory are one already.
function joined(chunks: readonly Buffer[]): Buffer {
  const [first = NOTHING] = chunks;
  const { buffer, byteOffset } = first;
  let end = byteOffset;
  for (const chunk of chunks) {
    if (chunk.buffer !== buffer || chunk.byteOffset !== end) return Buffer.concat(chunks);
    end += chunk.length;
  }
  return Buffer.from(buffer, byteOffset, end - byteOffset);
}

function lengthOf(chunks: readonly Buffer[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}

// One line that never ends, or the same over and over: known for nonsense long before the limit.
function isEndless(chunk: Buffer): boolean {
  const first = chunk.indexOf(NEWLINE) + 1;
  const second = chunk.indexOf(NEWLINE, first) + 1;
  const third = chunk.indexOf(NEWLINE, second) + 1;
  if (third === 0) return chunk.length >= CHUNK;
  return chunk.compare(chunk, second, third, first, second) === 0;
}
