/** Following one file through the snapshots of its source: along its path, and by content where that begins or ends. */
import { sortByPath } from '../words/byte-order.js';
import type { FileSpan, IndexedSource } from './queries.js';
import { basename } from '../words/names.js';

/**
 * All runs of a file's contents, newest first. Wherever its path begins, what it held is looked for under a path that ended in the
 * snapshot before; where its path has ended for good, under one that began in the next.
 */
export function fileHistory(source: IndexedSource, path: string): FileSpan[] {
  const history = new FileHistory(source);
  const lives = livesOf(source.filesAt(path));
  for (const life of lives) {
    history.take(life);
    history.goBack(life);
  }
  history.goOn(lives.at(-1) ?? []);
  return sortByPath(history.spans).sort((a, b) => b.first - a.first);
}

class FileHistory {
  readonly spans: FileSpan[] = [];
  private readonly known = new Set<string>();

  constructor(private readonly source: IndexedSource) {}

  /** Returns whether any of it is new. */
  take(life: readonly FileSpan[]): boolean {
    const fresh = life.filter(span => !this.known.has(keyOf(span)));
    for (const span of fresh) this.known.add(keyOf(span));
    this.spans.push(...fresh);
    return fresh.length > 0;
  }

  goBack(from: readonly FileSpan[]): void {
    for (let life = from; ;) {
      const [start] = life;
      if (!start || start.first === 0 || start.size === 0) return;
      const at = start.first;
      const ended = this.source.filesEndedBefore(at, start.sha256);
      life = this.nearestLife(ended, start, span => span.last === at - 1).filter(span => span.first < at);
      if (!this.take(life)) return;
    }
  }

  goOn(from: readonly FileSpan[]): void {
    for (let life = from; ;) {
      const end = life.at(-1);
      if (!end || end.last === this.source.snapshots.length - 1 || end.size === 0) return;
      const at = end.last + 1;
      const begun = this.source.filesBegunWith(at, end.sha256);
      life = this.nearestLife(begun, end, span => span.first === at).filter(span => span.first >= at);
      if (!this.take(life)) return;
    }
  }

  // Of several files that could be this one: under the same name first, then by path.
  private nearestLife(files: FileSpan[], own: FileSpan, isTurn: (span: FileSpan) => boolean): FileSpan[] {
    const otherName = (file: FileSpan): number => (basename(file.path) === basename(own.path) ? 0 : 1);
    const inOrder = sortByPath(files).sort((a, b) => otherName(a) - otherName(b));
    for (const { path } of inOrder) {
      // Where only mode or time have changed, the content has stayed: it was copied, not moved.
      const lives = livesOf(this.source.filesAt(path));
      const life = lives.find(spans => spans.some(span => span.sha256 === own.sha256 && isTurn(span)));
      if (life) return life;
    }
    return [];
  }
}

// Splits the runs of one path, oldest first, where a snapshot lies between that has no file there. Runs of one content that
// follow each other become one.
function livesOf(spans: readonly FileSpan[]): FileSpan[][] {
  const lives: FileSpan[][] = [];
  for (const span of spans) {
    const life = lives.at(-1);
    const before = life?.at(-1);
    if (!life || before?.last !== span.first - 1) lives.push([span]);
    else if (before.sha256 === span.sha256) life[life.length - 1] = { ...before, last: span.last };
    else life.push(span);
  }
  return lives;
}

function keyOf(span: FileSpan): string {
  return `${span.first}/${span.path}`;
}
