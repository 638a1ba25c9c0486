/** Comparing stored trees with their manifests. */
import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { isCancelled, type Context } from './context.js';
import { errno, PhlbError } from './errors.js';
import type { Problem, VerifyRequest, VerifyResult } from './model.js';
import { dirname, fsPath, join, nameFromBuffer } from './names.js';
import { findSnapshot } from './snapshots.js';
import { snapshotId } from './store/layout.js';
import type { Entry } from './store/manifest.js';
import { readManifest, type ManifestText } from './store/manifest-file.js';
import { readSnapshots, sourceFolders, type StoredSnapshot } from './store/record.js';
import { openStore, type Store } from './store/root.js';
import { nsToMicros } from './times.js';

const BATCH_FILES = 64;
const BATCH_BYTES = 16 << 20;

/** One inode and every name that it should have the same content under. */
interface Inode {
  path: string;
  size: number;
  names: { snapshot: string; path: string; sha256: string }[];
}

/**
 * Checks snapshots. Each inode is hashed once, however many snapshots share it; `quick` compares sizes, times and
 * presence only.
 * @throws PhlbError `notFound`, `unreachable`, `cancelled`
 */
export async function verify(request: VerifyRequest, context: Context): Promise<VerifyResult> {
  const store = openStore(request.place);
  const snapshots =
    request.snapshots.length > 0 ? request.snapshots.map(s => findSnapshot(store, s)) : allSnapshots(store);
  const run = new Verification(store, request.quick ?? false, context);
  for (const snapshot of snapshots) await run.look(snapshot);
  await run.hash();
  return { snapshots: snapshots.length, ...run.result, healed: [] };
}

function allSnapshots(store: Store): StoredSnapshot[] {
  return sourceFolders(store.layout).flatMap(name => readSnapshots(store.layout, name));
}

class Verification {
  readonly result: Pick<VerifyResult, 'filesChecked' | 'bytesChecked' | 'damaged'> = {
    filesChecked: 0,
    bytesChecked: 0,
    damaged: [],
  };
  private readonly inodes = new Map<string, Inode>();

  constructor(
    private readonly store: Store,
    private readonly quick: boolean,
    private readonly context: Context,
  ) {}

  async look(snapshot: StoredSnapshot): Promise<void> {
    const id = snapshotId(snapshot.id);
    if (!snapshot.record) this.damage(id, '', 'missing');
    let manifest: ManifestText;
    try {
      manifest = await readManifest(this.store.layout.manifest(snapshot.id));
    } catch (error) {
      if (!PhlbError.is(error, 'damaged')) throw error;
      if (snapshot.record) this.damage(id, '', 'missing');
      return;
    }
    const tree = this.store.layout.tree(snapshot.id);
    const expected = new Map<string, Set<string>>([['', new Set()]]);
    for (const entry of manifest.entries()) {
      this.checkCancelled();
      if (entry.path === '') continue;
      // Only recorded, never stored.
      if (entry.type === 'fifo' || entry.type === 'socket' || entry.type === 'device') continue;
      if (entry.type === 'dir') expected.set(entry.path, new Set());
      expected.get(dirname(entry.path))?.add(entry.path.slice(entry.path.lastIndexOf('/') + 1));
      this.entry(id, tree, entry);
    }
    for (const [dir, names] of expected) this.extras(id, tree, dir, names);
    this.report('verifying');
  }

  async hash(): Promise<void> {
    if (this.quick) return;
    const { pool, cancel } = this.context;
    // By inode number: about the order on disk.
    const queue = [...this.inodes.values()].reverse();
    await Promise.all(
      pool().threads.map(async thread => {
        for (let batch = takeBatch(queue); batch.length > 0; batch = takeBatch(queue)) {
          this.checkCancelled();
          const replies = await thread.run('hash', { paths: batch.map(inode => inode.path), cancel });
          replies.forEach((reply, i) => {
            const inode = batch[i];
            if (!inode) return;
            this.result.bytesChecked += reply.size;
            for (const { snapshot, path, sha256 } of inode.names) {
              if (sha256 !== reply.sha256) this.damage(snapshot, path, 'content');
            }
          });
          this.report('verifying');
        }
      }),
    );
  }

  private entry(id: string, tree: string, entry: Entry): void {
    const path = join(tree, entry.path);
    if (entry.type === 'file') this.result.filesChecked++;
    try {
      const stat = lstatSync(fsPath(path), { bigint: true });
      const type = stat.isFile() ? 'file' : stat.isDirectory() ? 'dir' : stat.isSymbolicLink() ? 'link' : 'other';
      if (type !== entry.type) return this.damage(id, entry.path, 'type');
      if (entry.type === 'link') {
        const target = nameFromBuffer(readlinkSync(fsPath(path), { encoding: 'buffer' }));
        if (target !== entry.target) this.damage(id, entry.path, 'target');
      } else if (entry.type === 'file') {
        if (stat.size !== BigInt(entry.size)) return this.damage(id, entry.path, 'size');
        const recorded = entry.storedMtime ?? nsToMicros(entry.mtime);
        if (this.quick && nsToMicros(stat.mtimeNs) !== recorded) return this.damage(id, entry.path, 'content');
        const key = `${stat.dev}:${stat.ino}`;
        const inode = this.inodes.get(key) ?? { path, size: entry.size, names: [] };
        this.inodes.set(key, inode);
        inode.names.push({ snapshot: id, path: entry.path, sha256: entry.sha256 ?? '' });
      }
    } catch (error) {
      if (errno(error) === undefined) throw error;
      this.damage(id, entry.path, 'missing');
    }
  }

  private extras(id: string, tree: string, dir: string, expected: Set<string>): void {
    try {
      for (const name of readdirSync(fsPath(join(tree, dir)), { encoding: 'buffer' }).map(nameFromBuffer)) {
        if (!expected.has(name)) this.damage(id, join(dir, name), 'extra');
      }
    } catch (error) {
      // A missing or wrong one is named already, by its entry.
      if (errno(error) === undefined) throw error;
    }
  }

  private damage(snapshot: string, path: string, problem: Problem): void {
    this.result.damaged.push({ snapshot, path, problem });
  }

  private report(phase: 'verifying'): void {
    this.context.onProgress({ phase, files: this.result.filesChecked, bytes: this.result.bytesChecked });
  }

  private checkCancelled(): void {
    if (isCancelled(this.context)) throw new PhlbError('cancelled', 'Cancelled');
  }
}

function takeBatch(queue: Inode[]): Inode[] {
  const batch: Inode[] = [];
  for (let bytes = 0; batch.length < BATCH_FILES && bytes < BATCH_BYTES;) {
    const inode = queue.pop();
    if (!inode) break;
    batch.push(inode);
    bytes += inode.size;
  }
  return batch;
}
