/**
 * Repairing published trees: every name of a damaged file gets a sound copy by one atomic rename. Each step is harmless
 * to break off, and what is done is sound, so the next `verify --heal` simply finds the rest.
 */
import { chmodSync, lstatSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { afterwards } from '../files/afterwards.js';
import { nameKey, type Damage } from './recheck.js';
import type { Context } from '../threads/context.js';
import { isCancelled } from '../words/call.js';
import { passAllButRefusals, PhlbError } from '../words/errors.js';
import { allSnapshots, manifestOf } from '../store/all-snapshots.js';
import { filesOfContents, groupBy, inodeKey, type SnapshotFile } from './inspect.js';
import { setTimeOfLink } from '../files/file-times.js';
import { GoodCopies, type Content } from './good-copies.js';
import { compareDirectories, dirname, fsPath, join } from '../words/names.js';
import { unprotected } from '../files/protected-folders.js';
import { TreeFolders } from '../files/tree-folders.js';
import { probe, type Capabilities } from '../store/capabilities.js';
import { syncDirectory } from '../files/durable.js';
import { syncFileSystem } from '../files/sync-file-system.js';
import { snapshotId } from '../store/layout.js';
import type { StoreLock } from '../store/lock.js';
import type { Entry } from '../store/manifest.js';
import { refuseLinks } from '../store/own-folders.js';
import { readSnapshot, sourceFolders, writeRecord, type StoredSnapshot } from '../store/record.js';
import type { ChangeNote } from '../store/bounded.js';
import { removeEmpty, removeFile } from '../files/remove.js';
import { rename } from '../files/rename.js';
import type { Store } from '../store/root.js';
import { Scratch } from '../store/scratch.js';
import { isDiskError, storeError } from '../files/store-error.js';
import { nsToMicros } from '../words/times.js';
import { putBackTimes } from './tree-times.js';

export interface HealRequest {
  store: Store;
  lock: StoreLock;
  /** confirmed under this lock */
  damage: readonly Damage[];
  asked: readonly StoredSnapshot[];
  /** by snapshot id: directories and symlinks whose times are not the recorded ones, as a heal that died leaves them */
  untimely: ReadonlyMap<string, string[]>;
  /** told what could not be done once all was healed */
  notes: string[];
}

export interface Healed {
  done: Damage[];
  /** damage in snapshots that were not asked for, found because it shares a damaged file */
  more: Damage[];
  /** damaged inodes of which no name is left */
  inodes: Set<bigint>;
}

type Target = Damage & { entry: Entry };

/**
 * Heals what can be healed. Left alone: extras, adopted snapshots, snapshots without a readable record, a folder with
 * something in it where a file belongs, contents of which no sound copy is found.
 * @throws PhlbError `store`, `lockLost`, `cancelled`
 */
export async function heal(request: HealRequest, context: Context): Promise<Healed> {
  const { store, lock, notes } = request;
  for (const name of sourceFolders(store.layout)) refuseLinks(store.layout, name);
  const scratch = new Scratch(store.layout, lock, 'heal');
  try {
    return await new Healer(request, scratch, context).run();
  } finally {
    await scratch.remove(notes);
  }
}

class Healer {
  private readonly store: Store;
  private readonly capabilities: Capabilities;
  private readonly copies: GoodCopies;
  /** by snapshot id: directories in which something was changed */
  private readonly touched = new Map<string, { snapshot: StoredSnapshot; directories: Set<string> }>();
  private readonly done: Damage[] = [];

  constructor(
    private readonly request: HealRequest,
    private readonly scratch: Scratch,
    private readonly context: Context,
  ) {
    this.store = request.store;
    this.capabilities = probe(this.store.layout.partial);
    this.copies = new GoodCopies(this.store, scratch, this.capabilities, context);
  }

  async run(): Promise<Healed> {
    const { damage } = this.request;
    const contents = damage.flatMap(({ entry }) => entry?.sha256 ?? []);
    const files = await filesOfContents(this.store, allSnapshots(this.store), contents, this.context);
    const damagedNames = new Set(damage.map(nameKey));
    const damagedInodes = new Map(
      files.filter(file => damagedNames.has(fileKey(file))).map(({ state }) => [inodeKey(state), state.inode]),
    );
    const more = files
      .filter(file => damagedInodes.has(inodeKey(file.state)) && !damagedNames.has(fileKey(file)))
      .filter(({ entry, state }) => entry.size !== state.size)
      .map(({ entry, snapshot }): Damage => ({ snapshot, path: entry.path, problem: 'size', entry }));
    const sound = files.filter(({ entry, state }) => !damagedInodes.has(inodeKey(state)) && entry.size === state.size);

    const targets = [...damage, ...more].filter(isTarget);
    this.copies.offer(sound, targets);
    const ready = await this.prepare(targets);
    this.note(ready);
    for (const target of ready) if (target.entry.type === 'dir') this.putFolder(target);
    await this.putFiles(ready.filter(({ entry }) => entry.type !== 'dir'));
    await afterwards(this.request.notes, 'What was healed may not be on the disk yet', () => this.tidy());

    const left = new Set([...damage, ...more].filter(one => !this.done.includes(one)).map(nameKey));
    for (const file of files) if (left.has(fileKey(file))) damagedInodes.delete(inodeKey(file.state));
    return { done: this.done, more, inodes: new Set(damagedInodes.values()) };
  }

  /** Those that can be healed: folders first, parents before what is below them. */
  private async prepare(targets: readonly Target[]): Promise<Target[]> {
    const asked = new Set(this.request.asked.map(({ id }) => snapshotId(id)));
    const ready: Target[] = [];
    for (const target of targets) {
      if (isCancelled(this.context)) throw PhlbError.cancelled();
      if (target.entry.type !== 'file' || (await this.copies.find(contentOf(target.entry)))) ready.push(target);
    }
    // Names in other snapshots before those asked for: a heal that dies is found unfinished by the same request.
    const rank = ({ entry, snapshot }: Target): number =>
      entry.type === 'dir' ? 0 : asked.has(snapshotId(snapshot.id)) ? 2 : 1;
    return ready.sort((a, b) => rank(a) - rank(b) || compareDirectories(a.path, b.path));
  }

  /** Says in the records what is about to be changed: an interrupted heal is noted, too. */
  private note(targets: readonly Target[]): void {
    const at = new Date().toISOString();
    const { layout } = this.store;
    for (const some of groupBy(targets, ({ snapshot }) => snapshotId(snapshot.id)).values()) {
      const id = some[0]?.snapshot.id;
      const record = id && readSnapshot(layout, id).record;
      if (!record) continue;
      const note: ChangeNote = { kind: 'heal', at, paths: some.map(({ path }) => path).sort() };
      this.request.lock.check();
      writeRecord(layout, id, { ...record, changes: [...(record.changes ?? []), note] });
    }
  }

  private async putFiles(targets: readonly Target[]): Promise<void> {
    // Made after the folders are.
    const folders = new Map<string, TreeFolders>();
    for (const [i, target] of targets.entries()) {
      if (isCancelled(this.context)) throw PhlbError.cancelled();
      const tree = this.treeOf(target);
      const known = folders.get(tree) ?? new TreeFolders(tree);
      folders.set(tree, known);
      if (!known.has(dirname(target.path))) continue;
      const { entry } = target;
      const scratchFile = entry.type === 'link' ? this.makeLink(entry) : await this.copies.makeCopy(contentOf(entry));
      const placed = this.putInPlace(target, path => rename(scratchFile, path));
      if (placed && entry.type === 'file') this.copies.placed(contentOf(entry), join(tree, target.path));
      this.context.onProgress({ phase: 'restoring', files: i + 1, bytes: 0, totalFiles: targets.length });
    }
  }

  private makeLink({ target = '', mtime }: Entry): string {
    const scratchFile = this.scratch.next();
    symlinkSync(fsPath(target), scratchFile);
    if (this.capabilities.linkTimes) setTimeOfLink(scratchFile, nsToMicros(mtime));
    return scratchFile;
  }

  private putFolder(target: Target): void {
    // Looked at again: the one above may have been made just now.
    if (!new TreeFolders(this.treeOf(target)).has(dirname(target.path))) return;
    this.putInPlace(target, path => {
      if (lstatSync(path, { throwIfNoEntry: false })) removeFile(path);
      // Made elsewhere: one that gets its mode only later would keep the wrong one where the heal dies in between.
      const scratchFile = this.scratch.next();
      mkdirSync(scratchFile, { mode: 0o700 });
      // As in every stored tree: always `u+rwx`.
      if (this.capabilities.modes) chmodSync(scratchFile, (target.entry.mode & 0o777) | 0o700);
      rename(scratchFile, path);
      this.touch(target.snapshot, target.path);
    });
  }

  // Returns whether it is in place; a name that the file system refuses is left as it is.
  private putInPlace(target: Target, put: (path: string | Buffer) => void): boolean {
    const path = join(this.treeOf(target), target.path);
    this.request.lock.check();
    try {
      const isPut = unprotected(dirname(path), () => {
        if (target.entry.type !== 'dir' && !makeWay(fsPath(path))) return false;
        put(fsPath(path));
        return true;
      });
      if (!isPut) return false;
    } catch (error) {
      // Nothing is tried beside it, as elsewhere: this tree is a published one.
      if (isDiskError(error)) throw storeError(error, target.path);
      passAllButRefusals(error);
      return false;
    }
    this.touch(target.snapshot, dirname(target.path));
    this.done.push(target);
    return true;
  }

  /** Puts the times of directories and symlinks back and flushes. */
  private async tidy(): Promise<void> {
    for (const snapshot of this.request.asked) {
      if (snapshot.record && !snapshot.record.adopted) {
        for (const path of this.request.untimely.get(snapshotId(snapshot.id)) ?? []) this.touch(snapshot, path);
      }
    }
    const { layout } = this.store;
    for (const { snapshot, directories } of this.touched.values()) {
      const manifest = await manifestOf(this.store, snapshot);
      if (manifest) putBackTimes(layout.tree(snapshot.id), manifest, directories);
    }
    if (syncFileSystem(layout.root)) return;
    for (const { snapshot, directories } of this.touched.values()) {
      for (const path of directories) syncDirectory(fsPath(join(layout.tree(snapshot.id), path)));
    }
  }

  private touch(snapshot: StoredSnapshot, directory: string): void {
    const id = snapshotId(snapshot.id);
    const known = this.touched.get(id) ?? { snapshot, directories: new Set() };
    this.touched.set(id, known);
    known.directories.add(directory);
  }

  private treeOf({ snapshot }: Damage): string {
    return this.store.layout.tree(snapshot.id);
  }
}

function isTarget(damage: Damage): damage is Target {
  const { snapshot, entry } = damage;
  return entry !== null && snapshot.record !== undefined && snapshot.record.adopted === undefined;
}

function contentOf({ sha256 = '', mode, size, mtime, storedMtime }: Entry): Content {
  return { sha256, size, mode: (mode & 0o555) | 0o400, mtime: storedMtime ?? nsToMicros(mtime) };
}

// A rename replaces anything but a folder. One with something in it is not ours to remove.
function makeWay(path: string | Buffer): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory()) {
    if (readdirSync(path).length > 0) return false;
    removeEmpty(path);
  }
  return true;
}

function fileKey({ snapshot, entry }: SnapshotFile): string {
  return nameKey({ snapshot, path: entry.path });
}
