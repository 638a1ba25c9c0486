/** Following one file through the snapshots of its source: along its path, and by content where that begins or ends. */
import { sortByPath } from '../words/byte-order.js';
import type { FileRun, IndexedSource } from './queries.js';
import { basename } from '../words/names.js';

/**
 * All runs of a file's contents, newest first. Wherever its path begins, what it held is looked for under a path that ended in the
 * snapshot before; where its path has ended for good, under one that began in the next.
 */
export function fileHistory(source: IndexedSource, path: string): FileRun[] {
  const history = new FileHistory(source);
  const lives = livesOf(source.filesAt(path));
  for (const life of lives) {
    history.take(life);
    history.goBack(life);
  }
  history.goOn(lives.at(-1) ?? []);
  return sortByPath(history.runs).sort((a, b) => b.first - a.first);
}

class FileHistory {
  readonly runs: FileRun[] = [];
  private readonly known = new Set<string>();

  constructor(private readonly source: IndexedSource) {}

  /** Returns whether any of it is new. */
  take(life: readonly FileRun[]): boolean {
    const fresh = life.filter(run => !this.known.has(keyOf(run)));
    for (const run of fresh) this.known.add(keyOf(run));
    this.runs.push(...fresh);
    return fresh.length > 0;
  }

  goBack(from: readonly FileRun[]): void {
    for (let life = from; ;) {
      const [start] = life;
      if (!start || start.first === 0 || start.size === 0) return;
      const at = start.first;
      const ended = this.source.filesEndedBefore(at, start.sha256);
      life = this.nearestLife(ended, start, run => run.last === at - 1).filter(run => run.first < at);
      if (!this.take(life)) return;
    }
  }

  goOn(from: readonly FileRun[]): void {
    for (let life = from; ;) {
      const end = life.at(-1);
      if (!end || end.last === this.source.snapshots.length - 1 || end.size === 0) return;
      const at = end.last + 1;
      const begun = this.source.filesBegunWith(at, end.sha256);
      life = this.nearestLife(begun, end, run => run.first === at).filter(run => run.first >= at);
      if (!this.take(life)) return;
    }
  }

  // Of several files that could be this one: under the same name first, then by path.
  private nearestLife(files: FileRun[], own: FileRun, isTurn: (run: FileRun) => boolean): FileRun[] {
    const otherName = (file: FileRun): number => (basename(file.path) === basename(own.path) ? 0 : 1);
    const inOrder = sortByPath(files).sort((a, b) => otherName(a) - otherName(b));
    for (const { path } of inOrder) {
      // Where only mode or time have changed, the content has stayed: it was copied, not moved.
      const lives = livesOf(this.source.filesAt(path));
      const life = lives.find(runs => runs.some(run => run.sha256 === own.sha256 && isTurn(run)));
      if (life) return life;
    }
    return [];
  }
}

// Splits the runs of one path, oldest first, where a snapshot lies between that has no file there. Runs of one content that
// follow each other become one.
function livesOf(runs: readonly FileRun[]): FileRun[][] {
  const lives: FileRun[][] = [];
  for (const run of runs) {
    const life = lives.at(-1);
    const before = life?.at(-1);
    if (!life || before?.last !== run.first - 1) lives.push([run]);
    else if (before.sha256 === run.sha256) life[life.length - 1] = { ...before, last: run.last };
    else life.push(run);
  }
  return lives;
}

function keyOf(run: FileRun): string {
  return `${run.first}/${run.path}`;
}
