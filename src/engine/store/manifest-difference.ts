/** Where two manifests are not the same, by their bytes. */
import type { Range } from './manifest-groups.js';
import type { ManifestText } from './manifest-text.js';

const NEWLINE = 10;
const NOWHERE: Range = { start: 0, end: 0 };

/** A directory whose entries are not the same in both: its lines, without those at its begin and end that are. */
export interface DirectoryDifference {
  directory: string;
  before: string[];
  after: string[];
}

/** The newer one's directories in its order, then those that only the older one has. */
export function* differingDirectories(older: ManifestText, newer: ManifestText): Generator<DirectoryDifference> {
  for (const directory of newer.mayDifferFrom(older)) {
    const range = newer.groups.get(directory) ?? NOWHERE;
    const old = older.groups.get(directory) ?? NOWHERE;
    if (older.bytes.compare(newer.bytes, range.start, range.end, old.start, old.end) === 0) continue;
    const [before, after] = withoutCommonEnds(older.bytes, old, newer.bytes, range);
    yield { directory, before: older.lines(before), after: newer.lines(after) };
  }
  for (const [directory, range] of older.groups) {
    if (!newer.groups.has(directory)) yield { directory, before: older.lines(range), after: [] };
  }
}

// Most of a directory's lines are what they were: lines are made of the others alone.
function withoutCommonEnds(a: Buffer, inA: Range, b: Buffer, inB: Range): [Range, Range] {
  const shorter = Math.min(inA.end - inA.start, inB.end - inB.start);
  const same = longest(shorter, (from, to) =>
    isEqual(a, inA.start + from, inA.start + to, b, inB.start + from, inB.start + to),
  );
  // Whole lines: up to the last newline of the common begin, and after the first one of the common end.
  const head = same === 0 ? 0 : a.subarray(inA.start, inA.start + same).lastIndexOf(NEWLINE) + 1;
  const sameEnd = longest(shorter - head, (from, to) =>
    isEqual(a, inA.end - to, inA.end - from, b, inB.end - to, inB.end - from),
  );
  const tail = sameEnd === 0 ? 0 : sameEnd - 1 - a.subarray(inA.end - sameEnd, inA.end).indexOf(NEWLINE);
  return [
    { start: inA.start + head, end: inA.end - tail },
    { start: inB.start + head, end: inB.end - tail },
  ];
}

/** The largest length up to `limit` of which all is equal, halved towards: a call compares more than a loop does meanwhile. */
function longest(limit: number, areEqual: (from: number, to: number) => boolean): number {
  let known = 0;
  for (let bound = limit; known < bound;) {
    const half = Math.ceil((known + bound) / 2);
    if (areEqual(known, half)) known = half;
    else bound = half - 1;
  }
  return known;
}

function isEqual(a: Buffer, fromA: number, toA: number, b: Buffer, fromB: number, toB: number): boolean {
  return a.compare(b, fromB, toB, fromA, toA) === 0;
}
