import { compareNames } from '../words/names.js';
import { timeOf, type HeldContent, type HeldContents } from './held-contents.js';
import type { IndexedSource } from './queries.js';

/** A snapshot in which a path has another number of matches than in the one before. */
export interface MatchChange {
  source: IndexedSource;
  path: string;
  /** the place of the snapshot in `source.snapshots` */
  at: number;
  before: number;
  after: number;
}

/**
 * Follows the number of matches along each path, as `git log -S` does: where there is no file there are none. Newest first.
 * @param counts of the contents that have any; `undefined`: it is not known, and taken to be as before
 */
export function matchChanges(held: HeldContents, counts: ReadonlyMap<HeldContent, number | undefined>): MatchChange[] {
  // As runs of files have it.
  const hex = (sha256: string): string => Buffer.from(sha256, 'latin1').toString('hex');
  const bySha256 = new Map([...counts].map(([{ sha256 }, count]) => [hex(sha256), count]));
  const changes = pathsWith([...counts].flatMap(([content, count]) => (count === undefined ? [] : [content]))).flatMap(
    ({ source, path }) => {
      const { first, last } = held.windowOf(source);
      const found: MatchChange[] = [];
      let before = 0;
      const becomes = (at: number, after: number | undefined): void => {
        if (after === undefined) return;
        if (after !== before && at >= held.firstAsked(source)) found.push({ source, path, at, before, after });
        before = after;
      };
      let next = first;
      for (const file of held.filesAt(source, path)) {
        if (file.first > next) becomes(next, 0);
        becomes(file.first, bySha256.has(file.sha256) ? bySha256.get(file.sha256) : 0);
        next = file.last + 1;
      }
      if (next <= last) becomes(next, 0);
      return found;
    },
  );
  return changes.sort(
    (a, b) => compareNames(timeOf(b.source, b.at), timeOf(a.source, a.at)) || compareNames(a.path, b.path),
  );
}

function pathsWith(contents: Iterable<HeldContent>): { source: IndexedSource; path: string }[] {
  const paths = new Map<IndexedSource, Set<string>>();
  for (const { runs } of contents) {
    for (const { source, path } of runs) {
      const known = paths.get(source);
      if (known) known.add(path);
      else paths.set(source, new Set([path]));
    }
  }
  return [...paths].flatMap(([source, all]) => [...all].map(path => ({ source, path })));
}
