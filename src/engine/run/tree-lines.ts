/** The manifest's lines, put in order: directories are scanned and files read in any order, lines are written in one. */
import { join } from '../words/names.js';
import type { DirectoryScan } from '../scan/scan.js';
import { textOf } from '../store/manifest.js';
import type { ManifestWriter } from '../store/manifest-file.js';
import type { ManifestText, Range } from '../store/manifest-text.js';

/** Where lines go: a file, or memory. */
export type LineSink = Pick<ManifestWriter, 'text' | 'same' | 'drained'>;

/** A directory whose lines are not written yet. */
export interface DirectoryLines {
  path: string;
  /** `undefined` before it is scanned */
  scan: DirectoryScan | undefined;
  /** files whose lines are missing */
  open: number;
  children: DirectoryLines[];
}

export class TreeLines {
  readonly root = newDirectory('');
  /** not yet written, the next one last */
  private readonly toWrite: DirectoryLines[] = [this.root];

  constructor(
    private readonly manifest: LineSink | null,
    private readonly previous: ManifestText | undefined,
  ) {}

  /** Returns the directory's own directories, in order. */
  scanned(directory: DirectoryLines, scan: DirectoryScan): DirectoryLines[] {
    directory.scan = scan;
    directory.open = scan.pending.length;
    directory.children = scan.directories.map(child => newDirectory(join(scan.path, child.name)));
    return directory.children;
  }

  /** A pending file's line; `''` when it has none. */
  fill(directory: DirectoryLines, at: number, line: string): void {
    const lines = directory.scan?.lines;
    if (Array.isArray(lines)) lines[at] = line;
    directory.open--;
  }

  /** Writes what is complete, in order, and forgets it. */
  async write(): Promise<void> {
    for (let next = this.toWrite.at(-1); next?.scan && next.open === 0; next = this.toWrite.at(-1)) {
      this.toWrite.pop();
      this.emit(next.path, next.scan);
      for (let i = next.children.length - 1; i >= 0; i--) {
        const child = next.children[i];
        if (child) this.toWrite.push(child);
      }
      next.scan = undefined;
    }
    await this.manifest?.drained();
  }

  /** A directory's lines in the previous manifest. */
  previousRange(path: string): Range | null {
    return this.previous?.groups.get(path) ?? null;
  }

  private emit(path: string, { lines }: DirectoryScan): void {
    if (!this.manifest) return;
    if (lines !== null) {
      const text = typeof lines === 'string' ? lines : textOf(lines);
      if (text !== '') this.manifest.text(text);
      return;
    }
    const range = this.previousRange(path);
    if (range) this.manifest.same(range);
  }
}

function newDirectory(path: string): DirectoryLines {
  return { path, scan: undefined, open: 0, children: [] };
}
