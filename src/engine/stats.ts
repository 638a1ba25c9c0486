/** What the backup location holds, and what that costs on disk. */
import { lstatSync, readdirSync } from 'node:fs';
import type { Context } from './threads/context.js';
import { measureAll } from './threads/measure-trees.js';
import type { StoreLocation } from './words/model.js';
import { join, nameFromBuffer } from './words/names.js';
import { snapshotId } from './store/layout.js';
import { readSnapshots, sourceFolders, type StoredSnapshot } from './store/record.js';
import { openStoreToRead, readStoreFile, type Store } from './store/root.js';
import { stampTime } from './words/times.js';
import { addInode, addSum, InodeTally, rowOf, sumOf, type InodeSum } from './store/inode-tally.js';
import { allocatedBytes } from './threads/measure-tree.js';

export interface StatsRequest {
  location: StoreLocation;
}

/** Sizes in bytes. Snapshots are all of them, safety snapshots too: those take room as well. */
export interface StatsResult {
  sources: number;
  snapshots: number;
  /** names of files in all snapshots */
  files: number;
  /** what these would take if every one were a file of its own */
  apparentBytes: number;
  /** contents, each inode once */
  storedBytes: number;
  /** `apparentBytes - storedBytes` */
  savedBytes: number;
  /** what `du -sB1` says of the root */
  allocatedBytes: number;
  /** of these, all that does not hold contents of snapshots: directories, manifests, records, leftovers, foreign files */
  overheadBytes: number;
  /** in the root, as `du --inodes` counts them */
  inodes: number;
  /** by source, oldest first; what deleting this one alone frees */
  perSnapshot: { id: string; uniqueBytes: number }[];
  perSource: SourceStats[];
  /** absolute paths that could not be looked at and so are missing above */
  unreadable: string[];
}

export interface SourceStats {
  name: string;
  snapshots: number;
  apparentBytes: number;
  /** contents, each inode once; some may be another source's too */
  storedBytes: number;
  /** what deleting all of its snapshots frees */
  uniqueBytes: number;
  /** as the records tell it, oldest first, without safety snapshots */
  growth: { id: string; startedAt: string; bytes: number; copiedBytes: number }[];
}

/** Walks the whole root. Needs no lock; what comes or goes meanwhile may be counted or not. @throws PhlbError `cancelled` */
export async function stats(request: StatsRequest, context: Context): Promise<StatsResult> {
  const store = openStoreToRead(request.location);
  const all = sourcesOf(store);
  const totalFiles = all.flatMap(({ stored }) => stored).reduce((sum, s) => sum + (s.record?.counts.files ?? 0), 0);
  const walk = new Walk(store, context, { files: 0, bytes: 0, totalFiles });
  for (const source of all) await walk.source(source);
  return walk.finish(all);
}

interface Source {
  name: string;
  stored: StoredSnapshot[];
}

function sourcesOf(store: Store): Source[] {
  const registered = (readStoreFile(store.layout)?.sources ?? []).map(entry => entry.name);
  const folders = sourceFolders(store.layout);
  return [...new Set([...registered, ...folders])]
    .sort()
    .map(name => ({ name, stored: folders.includes(name) ? readSnapshots(store.layout, name) : [] }))
    .filter(({ name, stored }) => stored.length > 0 || registered.includes(name));
}

/** Adds up: trees to sources, sources to the store, and what is no tree's to the overhead. */
class Walk {
  private readonly contents = new InodeTally();
  private readonly stored: InodeSum = { inodes: 0, bytes: 0, allocated: 0 };
  private readonly overhead: InodeSum = { inodes: 0, bytes: 0, allocated: 0 };
  private readonly unreadable: string[] = [];
  private readonly perSnapshot: StatsResult['perSnapshot'] = [];
  private readonly perSource: SourceStats[] = [];
  private files = 0;
  private apparentBytes = 0;

  constructor(
    private readonly store: Store,
    private readonly context: Context,
    private readonly progress: { files: number; bytes: number; totalFiles: number },
  ) {}

  async source({ name, stored }: Source): Promise<void> {
    const tally = new InodeTally();
    const whole: InodeSum = { inodes: 0, bytes: 0, allocated: 0 };
    let apparentBytes = 0;
    const uniqueBytes: number[] = [];
    await measureAll(
      stored.map(({ id }) => this.store.layout.tree(id)),
      this.context,
      (measured, at) => {
        this.files += measured.files;
        apparentBytes += measured.apparentBytes;
        uniqueBytes[at] = measured.whole.bytes;
        addSum(whole, measured.whole);
        tally.addTable(measured.shared);
        addSum(this.overhead, measured.frame);
        this.unreadable.push(...measured.unreadable);
      },
      this.progress,
    );
    const split = tally.split();
    addSum(whole, split.whole);
    addSum(this.stored, whole);
    this.contents.addTable(split.shared);
    this.apparentBytes += apparentBytes;
    this.perSnapshot.push(...stored.map(({ id }, at) => ({ id: snapshotId(id), uniqueBytes: uniqueBytes[at] ?? 0 })));
    this.perSource.push({
      name,
      snapshots: stored.length,
      apparentBytes,
      storedBytes: whole.bytes + sumOf(split.shared).bytes,
      uniqueBytes: whole.bytes,
      growth: stored.filter(({ record }) => record?.kind !== 'safety').map(growthOf),
    });
  }

  async finish(all: readonly Source[]): Promise<StatsResult> {
    await this.elsewhere(all);
    const { whole, shared } = this.contents.split();
    for (const sum of [whole, sumOf(shared)]) addSum(this.stored, sum);
    return {
      sources: all.length,
      snapshots: this.perSnapshot.length,
      files: this.files,
      apparentBytes: this.apparentBytes,
      storedBytes: this.stored.bytes,
      savedBytes: this.apparentBytes - this.stored.bytes,
      allocatedBytes: this.stored.allocated + this.overhead.allocated,
      overheadBytes: this.overhead.allocated,
      inodes: this.stored.inodes + this.overhead.inodes,
      perSnapshot: this.perSnapshot,
      perSource: this.perSource,
      unreadable: this.unreadable,
    };
  }

  // Everything in the root that stands in no snapshot's tree, and the folders in between.
  private async elsewhere(all: readonly Source[]): Promise<void> {
    const { layout } = this.store;
    const sources = all.filter(({ stored }) => stored.length > 0).map(({ name }) => layout.sourceFolder(name));
    const folders = [layout.root, ...sources];
    const known = new Set([...folders, ...all.flatMap(({ stored }) => stored.map(({ id }) => layout.tree(id)))]);
    for (const folder of folders) addInode(this.overhead, 0, allocatedBytes(lstatSync(folder)));
    const others = folders.flatMap(folder => childrenOf(folder)).filter(path => !known.has(path));
    const tally = new InodeTally();
    await measureAll(others, this.context, ({ frame, whole, shared, unreadable }) => {
      addSum(this.overhead, frame);
      addSum(this.overhead, whole);
      this.unreadable.push(...unreadable);
      for (let row = 0; row < shared.inode.length; row++) {
        // A further name of a stored content (a dead run's) is counted there.
        if (!this.contents.has(shared.inode[row] ?? 0)) tally.add(...rowOf(shared, row));
      }
    });
    const { whole, shared } = tally.split();
    for (const sum of [whole, sumOf(shared)]) addSum(this.overhead, sum);
  }
}

function growthOf({ id, record }: StoredSnapshot): SourceStats['growth'][number] {
  return {
    id: snapshotId(id),
    startedAt: record?.startedAt ?? stampTime(id.stamp).toISOString(),
    bytes: record?.counts.bytes ?? 0,
    copiedBytes: record?.counts.copiedBytes ?? 0,
  };
}

function childrenOf(folder: string): string[] {
  return readdirSync(folder, { encoding: 'buffer' }).map(name => join(folder, nameFromBuffer(name)));
}
