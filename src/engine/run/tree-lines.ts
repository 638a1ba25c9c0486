/** The manifest's lines, put in order: directories are compared and files read in any order, lines are written in one. */
import { join } from '../words/names.js';
import type { ComparedDirectory } from '../scan/compared-directory.js';
import { textOf } from '../store/manifest.js';
import type { ManifestWriter } from '../store/manifest-file.js';
import type { Range } from '../store/manifest-groups.js';
import type { ManifestText } from '../store/manifest-text.js';

/** Where lines go: a file, or memory, or nowhere. */
export type LineSink = Pick<ManifestWriter, 'text' | 'same' | 'drained'>;

export const NO_LINES: LineSink = { text: () => undefined, same: () => undefined, drained: () => Promise.resolve() };

/** A directory whose lines are not written yet. */
export interface DirectoryLines {
  path: string;
  /** `undefined` before it is compared, and once its lines are written */
  compared: ComparedDirectory | undefined;
  /** files whose lines are missing */
  open: number;
  children: DirectoryLines[];
}

export class TreeLines {
  readonly root = newDirectory('');
  /** not yet written, the next one last */
  private readonly toWrite: DirectoryLines[] = [this.root];

  constructor(
    private readonly sink: LineSink,
    private readonly previous: ManifestText | undefined,
  ) {}

  /** Returns the directory's own directories, in order. */
  compared(directory: DirectoryLines, compared: ComparedDirectory): DirectoryLines[] {
    directory.compared = compared;
    directory.open = compared.pending.length;
    directory.children = compared.directories.map(child => newDirectory(join(compared.path, child.name)));
    return directory.children;
  }

  /** A pending file's line; `''` when it has none. */
  fill(directory: DirectoryLines, at: number, line: string): void {
    const lines = directory.compared?.lines;
    if (Array.isArray(lines)) lines[at] = line;
    directory.open--;
  }

  /** Writes what is complete, in order, and forgets it. */
  async write(): Promise<void> {
    for (let next = this.toWrite.at(-1); next?.compared && next.open === 0; next = this.toWrite.at(-1)) {
      this.toWrite.pop();
      this.emit(next.path, next.compared);
      for (let i = next.children.length - 1; i >= 0; i--) {
        const child = next.children[i];
        if (child) this.toWrite.push(child);
      }
      next.compared = undefined;
    }
    await this.sink.drained();
  }

  /** A directory's lines in the previous manifest. */
  previousRange(path: string): Range | null {
    return this.previous?.groups.get(path) ?? null;
  }

  private emit(path: string, { lines }: ComparedDirectory): void {
    if (lines !== null) {
      const text = typeof lines === 'string' ? lines : textOf(lines);
      if (text !== '') this.sink.text(text);
      return;
    }
    const range = this.previousRange(path);
    if (range) this.sink.same(range);
  }
}

function newDirectory(path: string): DirectoryLines {
  return { path, compared: undefined, open: 0, children: [] };
}
