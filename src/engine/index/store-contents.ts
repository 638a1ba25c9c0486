/**
 * Which contents a store's snapshots hold, as numbers: 8 bytes each instead of the whole index. A cache like that, beside it, named
 * by the snapshots that it covers, so it tells by itself when it is behind; what it lacks is read from their manifests. It may
 * hold more than the snapshots do (of deleted ones), never less.
 *
 * The file: a head of 32 bytes, the numbers in ascending order, the SHA-256 of both; then a line for each snapshot that is
 * covered, appended as they come, and one that says so wherever the index was written.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../files/durable.js';
import { makeFolder } from '../files/make-folder.js';
import { remove } from '../files/remove.js';
import { snapshotId, type Layout, type SnapshotName } from '../store/layout.js';
import { differingDirectories } from '../store/manifest-difference.js';
import { readManifestHere } from '../store/manifest-file.js';
import type { ManifestText } from '../store/manifest-text.js';
import { readSnapshot, sourceFolders } from '../store/record.js';
import type { Store } from '../store/root.js';
import { placeOf } from '../words/content-numbers.js';
import { contentNumber } from '../words/contents.js';
import { errno, PhlbError, unlessRefused } from '../words/errors.js';
import { removeIndexTemporaries } from './database.js';

const MAGIC = 'phlb contents 1\n';
const HEAD = 32;
const DIGEST = 32;
const INDEXED = 'indexed';
// Of a file's line.
const CONTENT = / mode=([0-7]{4}) .* sha256=([0-9a-f]{64})/;
// So many more of those that it covers may have gone than there are others, before it is made anew.
const GONE_TIMES = 4;
const GONE_AT_LEAST = 1000;

/** A snapshot that the store has a manifest of, and how that stands on the disk. */
interface Standing {
  id: SnapshotName;
  state: string;
}

/** A snapshot whose manifest is in memory. */
interface AtHand {
  id: SnapshotName;
  manifest: ManifestText;
}

export class StoreContents {
  /** in memory that threads share, in ascending order */
  shared = new SharedArrayBuffer(0);
  /** states by ids */
  private covered = new Map<string, string>();
  /** how many have been covered since the index was written */
  private sinceIndexed = 0;
  /** lines that its file lacks; `null`: it is to be written as a whole */
  private toAppend: string[] | null = [];

  private constructor(private readonly store: Store) {}

  /**
   * Reads what there is, and takes in what that lacks.
   * @param previous is not read again
   * @throws PhlbError `cancelled`
   */
  static async open(store: Store, previous: AtHand | null, cancelled: () => boolean): Promise<StoreContents> {
    const contents = new StoreContents(store);
    contents.load();
    const standing = standingIn(store.layout);
    contents.dropGone(standing);
    const missing = standing.filter(({ id, state }) => contents.covered.get(snapshotId(id)) !== state);
    if (missing.length > 0) await contents.takeIn(missing, previous, cancelled);
    return contents;
  }

  /** A snapshot has been published. @param numbers of all contents that no other one has */
  add(id: SnapshotName, numbers: BigInt64Array): void {
    const state = stateOf(this.store.layout, id);
    if (state === undefined) return;
    this.merge(numbers);
    this.cover({ id, state });
  }

  /** How many snapshots the index may lack. */
  get notIndexed(): number {
    return this.sinceIndexed;
  }

  /** Only under the store's lock. @throws the system's error */
  save(): void {
    const { location, id } = this.store;
    const file = contentsFile(location.index, id);
    if (this.toAppend === null) {
      makeFolder(location.index);
      removeIndexTemporaries(location.index, id);
      replaceFile(file, this.format(), { isCache: true });
    } else if (this.toAppend.length > 0) appendFileSync(file, this.toAppend.join(''));
    this.toAppend = [];
  }

  private load(): void {
    const { location, id } = this.store;
    const bytes = unlessRefused(() => readFileSync(contentsFile(location.index, id)));
    const end = bytes && endOfNumbers(bytes);
    if (!bytes || end === undefined) {
      this.toAppend = null;
      return;
    }
    this.shared = new SharedArrayBuffer(end - HEAD);
    bytes.copy(new Uint8Array(this.shared), 0, HEAD, end);
    for (const line of bytes.toString('utf8', end + DIGEST).split('\n')) {
      const [state, name] = splitLine(line);
      if (line === INDEXED) this.sinceIndexed = 0;
      else if (name !== undefined) {
        this.covered.set(name, state);
        this.sinceIndexed++;
      }
    }
  }

  private dropGone(standing: readonly Standing[]): void {
    if (this.covered.size - standing.length < Math.max(GONE_AT_LEAST, GONE_TIMES * standing.length)) return;
    this.shared = new SharedArrayBuffer(0);
    this.covered = new Map();
    this.sinceIndexed = 0;
    this.toAppend = null;
  }

  // Most directories are the same from one snapshot to the next, so each is compared with the one before it.
  private async takeIn(missing: readonly Standing[], previous: AtHand | null, cancelled: () => boolean): Promise<void> {
    const previousId = previous && snapshotId(previous.id);
    const isPrevious = ({ id }: Standing): boolean => snapshotId(id) === previousId;
    const previousIsCovered = previous !== null && !missing.some(isPrevious);
    let before: AtHand | undefined = previousIsCovered ? previous : undefined;
    for (const one of [...missing.filter(isPrevious), ...missing.filter(other => !isPrevious(other))]) {
      if (cancelled()) throw PhlbError.cancelled();
      const { record } = readSnapshot(this.store.layout, one.id);
      if (!record) continue;
      // A safety snapshot is not in the index, and nothing is linked to it.
      if (record.kind === 'snapshot') {
        const earlier = before?.id.name === one.id.name ? before.manifest : undefined;
        const manifest = previous && isPrevious(one) ? previous.manifest : await this.manifestOf(one.id, earlier);
        if (manifest === 'unreadable') continue;
        if (manifest) {
          this.merge(numbersOf(manifest, earlier));
          before = { id: one.id, manifest };
        }
      }
      this.cover(one);
    }
  }

  // `null`: it is none, however often it is read.
  private async manifestOf(id: SnapshotName, like?: ManifestText): Promise<ManifestText | null | 'unreadable'> {
    try {
      return await readManifestHere(this.store.layout.manifest(id), like);
    } catch (error) {
      if (!PhlbError.is(error, 'damaged')) throw error;
      return errno(error.cause) === undefined ? null : 'unreadable';
    }
  }

  private cover({ id, state }: Standing): void {
    const name = snapshotId(id);
    this.covered.set(name, state);
    this.sinceIndexed++;
    this.toAppend?.push(lineOf(state, name));
  }

  private merge(numbers: BigInt64Array): void {
    const merged = mergedWith(new BigInt64Array(this.shared), numbers);
    if (!merged) return;
    this.shared = merged;
    this.toAppend = null;
  }

  private format(): Buffer {
    const head = Buffer.alloc(HEAD);
    head.write(MAGIC);
    head.writeDoubleLE(this.shared.byteLength, MAGIC.length);
    const numbers = Buffer.from(this.shared);
    const lines = [...this.covered].map(([name, state]) => lineOf(state, name));
    lines.splice(Math.max(0, lines.length - this.sinceIndexed), 0, `${INDEXED}\n`);
    return Buffer.concat([head, numbers, digest(head, numbers), Buffer.from(lines.join(''))]);
  }
}

/** Notes that the index knows all that it covers. Only under the store's lock. @throws the system's error */
export function noteIndexed(folder: string, storeId: string): void {
  const file = contentsFile(folder, storeId);
  if (existsSync(file)) appendFileSync(file, `${INDEXED}\n`);
}

/** Nothing of it is to stay, as after a purge. */
export function removeContents(folder: string, storeId: string): void {
  remove(contentsFile(folder, storeId));
}

// The numbers of both, or `undefined` where the second ones are among the first.
function mergedWith(old: BigInt64Array, added: BigInt64Array): SharedArrayBuffer | undefined {
  const fresh = added.sort().filter((number, i, all) => number !== all[i - 1] && old[placeOf(old, number)] !== number);
  if (fresh.length === 0) return undefined;
  const shared = new SharedArrayBuffer((old.length + fresh.length) * 8);
  const merged = new BigInt64Array(shared);
  if (old.length === 0) {
    merged.set(fresh);
    return shared;
  }
  let from = 0;
  fresh.forEach((number, i) => {
    const at = placeOf(old, number);
    merged.set(old.subarray(from, at), from + i);
    merged[at + i] = number;
    from = at;
  });
  merged.set(old.subarray(from), from + fresh.length);
  return shared;
}

function numbersOf(manifest: ManifestText, before: ManifestText | undefined): BigInt64Array {
  const numbers: bigint[] = [];
  for (const lines of before ? newLines(before, manifest) : allLines(manifest)) {
    for (const line of lines) {
      const [, mode, sha256] = CONTENT.exec(line) ?? [];
      if (mode !== undefined && sha256 !== undefined) numbers.push(contentNumber(sha256, parseInt(mode, 8) & 0o555));
    }
  }
  return BigInt64Array.from(numbers);
}

function* newLines(before: ManifestText, manifest: ManifestText): Generator<string[]> {
  for (const { after } of differingDirectories(before, manifest)) yield after;
}

function* allLines(manifest: ManifestText): Generator<string[]> {
  for (const range of manifest.groups.values()) yield manifest.lines(range);
}

function standingIn(layout: Layout): Standing[] {
  return sourceFolders(layout).flatMap(name =>
    manifestsOf(layout, name).flatMap(stamp => {
      const state = stateOf(layout, { name, stamp });
      return state === undefined ? [] : [{ id: { name, stamp }, state }];
    }),
  );
}

// Newest first.
function manifestsOf(layout: Layout, name: string): string[] {
  const files = unlessRefused(() => readdirSync(join(layout.manifests, name))) ?? [];
  const stamps = files.flatMap(file => (file.endsWith('.mtree.gz') ? [file.slice(0, -'.mtree.gz'.length)] : []));
  return stamps.sort().reverse();
}

// Whoever changes a manifest writes it anew.
function stateOf(layout: Layout, id: SnapshotName): string | undefined {
  const stat = unlessRefused(() => statSync(layout.manifest(id), { bigint: true }));
  return stat && `${stat.size}-${stat.mtimeNs}`;
}

function lineOf(state: string, name: string): string {
  return `${state} ${JSON.stringify(name)}\n`;
}

// A line that was cut off, or makes no sense, covers nothing.
function splitLine(line: string): [string, string | undefined] {
  const [, state = '', name = ''] = /^(\S+) (".*")$/.exec(line) ?? [];
  try {
    return [state, name === '' ? undefined : String(JSON.parse(name))];
  } catch (error) {
    if (error instanceof SyntaxError) return [state, undefined];
    throw error;
  }
}

// Where the numbers end, if they are those that were written.
function endOfNumbers(bytes: Buffer): number | undefined {
  if (bytes.length < HEAD + DIGEST || bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) return undefined;
  const end = HEAD + bytes.readDoubleLE(MAGIC.length);
  if (!Number.isSafeInteger(end) || end % 8 !== 0 || end < HEAD || end + DIGEST > bytes.length) return undefined;
  const isWhole = digest(bytes.subarray(0, end)).equals(bytes.subarray(end, end + DIGEST));
  return isWhole ? end : undefined;
}

function digest(...parts: Buffer[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

function contentsFile(folder: string, storeId: string): string {
  return join(folder, `${storeId}.contents`);
}
