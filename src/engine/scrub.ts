/**
 * The scrub: a verify in small pieces, of what has gone longest without. It goes round and round through the store in one
 * fixed order (sources by name, snapshots oldest first, paths as in the manifest) and remembers where it stopped. A file
 * that is the same inode under the same name in the snapshot before was looked at there, and is passed over. So a round
 * hashes every inode at least once, whatever is added or removed meanwhile.
 */
import { recheck, tellDamage, withLockIfWritable } from './verify/recheck.js';
import type { Context } from './threads/context.js';
import { isCancelled } from './words/call.js';
import { passUnforeseen, PhlbError } from './words/errors.js';
import { allSnapshots, manifestOf } from './store/all-snapshots.js';
import { hashInodes, SeenInodes, type StoredInode } from './verify/inspect.js';
import type { StoreLocation, VerifyResult } from './words/model.js';
import { compareDirectories, compareNames, dirname } from './words/names.js';
import { renewDamage } from './store/damage.js';
import { replaceFile } from './files/durable.js';
import type { Layout } from './store/layout.js';
import type { StoreLock } from './store/lock.js';
import type { ManifestText } from './store/manifest-text.js';
import type { StoredSnapshot } from './store/record.js';
import { openStoreToRead, type Store } from './store/root.js';
import { readSmallJson } from './files/small-file.js';

export interface ScrubRequest {
  location: StoreLocation;
  /** hash about so much, and at least one file; default 64 MiB */
  maxBytes?: number;
}

export interface ScrubResult extends Pick<VerifyResult, 'bytesChecked' | 'damaged' | 'notes'> {
  /** inodes hashed */
  filesChecked: number;
  /** the round is done: the next scrub begins at the start again */
  wholeRound: boolean;
}

/** Where the next scrub goes on. */
interface Cursor {
  name: string;
  sequence: number;
  stamp: string;
  directory: string;
  /** the last path looked at in that directory; `null`: none yet */
  after: string | null;
}

const MAX_BYTES = 64 << 20;
// Names looked at, hashed or passed over: a few seconds on a disk.
const MAX_FILES = 50_000;
const DIRECTORIES = 64;
const MAX_CURSOR = 1 << 20;

/** @throws PhlbError `notFound`, `unreachable`, `cancelled`: then the next one begins where this one has */
export async function scrub(request: ScrubRequest, context: Context): Promise<ScrubResult> {
  const store = openStoreToRead(request.location);
  const run = new Scrubber(store, request.maxBytes ?? MAX_BYTES, context);
  await run.look();
  return withLockIfWritable(store, context, (lock, notes) => run.conclude(lock, notes));
}

class Scrubber {
  private cursor: Cursor | null;
  private readonly table = new SeenInodes();
  private readonly odd = new Set<StoredSnapshot>();
  private bytes = 0;
  private files = 0;
  private bad: StoredInode[] = [];

  constructor(
    private readonly store: Store,
    private readonly maxBytes: number,
    private readonly context: Context,
  ) {
    this.cursor = readCursor(store.layout);
  }

  async look(): Promise<void> {
    const snapshots = inOrder(allSnapshots(this.store));
    const { cursor } = this;
    const first = cursor ? snapshots.findIndex(snapshot => compareToCursor(snapshot, cursor) >= 0) : 0;
    let before: StoredSnapshot | undefined = first > 0 ? snapshots[first - 1] : undefined;
    // Only what could be looked through itself counts as looked at.
    if (before && !(await manifestOf(this.store, before))) before = undefined;
    for (const snapshot of first < 0 ? [] : snapshots.slice(first)) {
      const manifest = await manifestOf(this.store, snapshot);
      if (!manifest) {
        before = undefined;
        continue;
      }
      if (!(await this.snapshot(snapshot, manifest, before))) return this.hash();
      before = snapshot;
    }
    this.cursor = null;
    await this.hash();
  }

  async conclude(lock: StoreLock | null, notes: string[]): Promise<ScrubResult> {
    const { store, context, table } = this;
    const suspects = {
      odd: [...this.odd],
      inodes: this.bad,
      scope: this.bad.length > 0 ? allSnapshots(store) : [],
    };
    const { damage, marks } = await recheck(store, suspects, { quick: false, times: false }, context);
    if (lock) {
      const checked = table.list.map(({ inode }) => inode);
      renewDamage(store.layout, { checked, complete: false, found: marks });
      replaceFile(store.layout.scrub, JSON.stringify(this.cursor) + '\n');
    }
    return {
      filesChecked: table.list.length,
      bytesChecked: this.bytes,
      damaged: damage.map(tellDamage),
      wholeRound: this.cursor === null,
      notes,
    };
  }

  // Returns whether it came to the snapshot's end.
  private async snapshot(
    snapshot: StoredSnapshot,
    manifest: ManifestText,
    before: StoredSnapshot | undefined,
  ): Promise<boolean> {
    const { cursor } = this;
    const resumed = cursor && compareToCursor(snapshot, cursor) === 0 ? cursor : null;
    const directories = [...manifest.groups]
      .map(([path, range]) => ({ path, ...range }))
      .filter(({ path }) => !resumed || compareDirectories(path, resumed.directory) >= 0);
    const at = { name: snapshot.id.name, sequence: snapshot.record?.sequence ?? 0, stamp: snapshot.id.stamp };
    for (let next = 0; next < directories.length; next += DIRECTORIES) {
      if (isCancelled(this.context)) throw PhlbError.cancelled();
      if (this.files >= MAX_FILES) {
        this.cursor = { ...at, directory: directories[next]?.path ?? '', after: null };
        return false;
      }
      const tree = this.store.layout.tree(snapshot.id);
      const looked = await this.context.pool().threads[0]?.run('inspect', {
        ...{ tree, quick: false, times: false, once: false, cancel: this.context.cancel },
        manifest: manifest.bytes.buffer as SharedArrayBuffer,
        directories: directories.slice(next, next + DIRECTORIES),
        adopted: snapshot.record?.adopted ?? null,
        unlike: before?.id.name === snapshot.id.name ? this.store.layout.tree(before.id) : null,
      });
      if (!looked) continue;
      if (looked.problems.length > 0 || looked.unreadable) this.odd.add(snapshot);
      this.files += looked.files;
      for (const file of looked.stored) {
        const directory = dirname(file.path);
        if (resumed?.after && directory === resumed.directory && compareNames(file.path, resumed.after) <= 0) continue;
        if (this.table.list.length > 0 && this.bytes >= this.maxBytes) return false;
        if (this.table.add(tree, file)) this.bytes += file.size;
        this.cursor = { ...at, directory, after: file.path };
      }
    }
    return true;
  }

  private async hash(): Promise<void> {
    const { list } = this.table;
    const totals = { totalFiles: list.length, totalBytes: this.bytes };
    let files = 0;
    let bytes = 0;
    const bad = await hashInodes(list, this.context, ({ size }) => {
      bytes += size;
      this.context.onProgress({ phase: 'verifying', files: ++files, bytes, ...totals });
    });
    this.bad = bad.map(({ inode }) => inode);
  }
}

// Those without a record have no place in the order; verify reports them.
function inOrder(snapshots: StoredSnapshot[]): StoredSnapshot[] {
  return snapshots
    .filter(({ record }) => record)
    .sort((a, b) => compareToCursor(a, { ...b.id, sequence: b.record?.sequence ?? 0 }));
}

function compareToCursor({ id, record }: StoredSnapshot, at: Pick<Cursor, 'name' | 'sequence' | 'stamp'>): number {
  return compareNames(id.name, at.name) || (record?.sequence ?? 0) - at.sequence || compareNames(id.stamp, at.stamp);
}

// Nonsense begins a new round.
function readCursor(layout: Layout): Cursor | null {
  try {
    const value = readSmallJson(layout.scrub, MAX_CURSOR) as Cursor | null;
    const texts = [value?.name, value?.stamp, value?.directory, value?.after ?? ''];
    return Number.isSafeInteger(value?.sequence) && texts.every(text => typeof text === 'string') ? value : null;
  } catch (error) {
    passUnforeseen(error);
    return null;
  }
}
