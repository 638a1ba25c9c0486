/** Contents that stand in the snapshots here, by hash: what need not be fetched. */
import { lstatSync } from 'node:fs';
import { allSnapshots, manifestOf } from '../store/all-snapshots.js';
import { readDamage, type DamageMark } from '../store/damage.js';
import { storedMtimeOf, type Entry } from '../store/manifest.js';
import type { Store } from '../store/root.js';
import { dirname, fsPath, join } from '../words/names.js';
import { nsToMicros } from '../words/times.js';

/** A stored file. */
export interface LocalFile {
  /** absolute */
  path: string;
  /** source mode's read and execute bits */
  bits: number;
  /** microseconds */
  mtime: number;
}

export class LocalContents {
  private readonly files = new Map<string, LocalFile[]>();

  private constructor(private readonly damaged: readonly DamageMark[]) {}

  static async of(store: Store): Promise<LocalContents> {
    const contents = new LocalContents(readDamage(store.layout));
    for (const snapshot of allSnapshots(store)) {
      const manifest = await manifestOf(store, snapshot);
      if (!manifest) continue;
      const tree = store.layout.tree(snapshot.id);
      // As when it was made: what a manifest tells below a symlink stands somewhere else.
      const folders = new Set<string>();
      for (const entry of manifest.entries()) {
        if (entry.type === 'dir') folders.add(entry.path);
        else if (entry.type === 'file' && folders.has(dirname(entry.path))) contents.add(entry, join(tree, entry.path));
      }
    }
    return contents;
  }

  /** @param path absolute, of a stored file that has this content, and the time that the entry says */
  add(entry: Entry, path: string): void {
    const { sha256 = '', mode } = entry;
    const file = { path, bits: mode & 0o555, mtime: storedMtimeOf(entry) };
    const known = this.files.get(sha256);
    if (!known) this.files.set(sha256, [file]);
    else if (!known.some(({ bits, mtime }) => bits === file.bits && mtime === file.mtime)) known.push(file);
  }

  /** The file that an entry can be another name of, and one that has its content. What is not as it was recorded is neither. */
  find(entry: Entry): { twin: LocalFile | undefined; content: LocalFile | undefined } {
    const known = this.files.get(entry.sha256 ?? '') ?? [];
    const bits = entry.mode & 0o555;
    const mtime = storedMtimeOf(entry);
    const twin = known.find(file => file.bits === bits && file.mtime === mtime && this.isAsRecorded(file, entry.size));
    return { twin, content: twin ?? known.find(file => this.isAsRecorded(file, entry.size)) };
  }

  /** It cannot be linked any more: the next one is to be linked to this file instead. */
  replace(entry: Entry, path: string): void {
    const bits = entry.mode & 0o555;
    const mtime = storedMtimeOf(entry);
    const known = this.files.get(entry.sha256 ?? '') ?? [];
    const others = known.filter(file => file.bits !== bits || file.mtime !== mtime);
    this.files.set(entry.sha256 ?? '', [...others, { path, bits, mtime }]);
  }

  /** Its files stand in another folder now. */
  moved(from: string, to: string): void {
    for (const file of [...this.files.values()].flat()) {
      if (file.path.startsWith(`${from}/`)) file.path = join(to, file.path.slice(from.length + 1));
    }
  }

  private isAsRecorded({ path, mtime }: LocalFile, size: number): boolean {
    const stat = lstatSync(fsPath(path), { bigint: true, throwIfNoEntry: false });
    if (!stat?.isFile() || Number(stat.size) !== size || nsToMicros(stat.mtimeNs) !== mtime) return false;
    return !this.damaged.some(mark => mark.inode === stat.ino && mark.size === size && mark.mtime === mtime);
  }
}
