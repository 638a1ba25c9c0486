/** What differs between two manifests. */
import { sortByPath } from '../words/byte-order.js';
import type { EntryType } from '../words/model.js';
import { basename } from '../words/names.js';
import { parseEntry, type Entry } from '../store/manifest.js';
import { differingDirectories } from '../store/manifest-difference.js';
import type { ManifestText } from '../store/manifest-text.js';

/**
 * - `added`, `removed`: stands on one side only
 * - `modified`: another content, link target, type or device
 * - `moved`: a file's content that stood under a name that is gone; at most one new name for each old one
 * - `metadata`: another mode, owner or time
 * - `unstored`: may still be there, but the newer side leaves it out
 */
export type ChangeKind = 'added' | 'removed' | 'modified' | 'moved' | 'metadata' | 'unstored';

export interface Change {
  /** `''`: the source folder itself */
  path: string;
  change: ChangeKind;
  /** of what stands there on the newer side, or stood there on the older one */
  type: EntryType;
  /** of a moved file: its path on the older side */
  from?: string;
}

// What `utimes` may lose (ns).
const TIME_TOLERANCE = 1000n;

/** A path whose lines differ in two manifests, perhaps in nothing that counts (`changeOf`). */
export interface Difference {
  path: string;
  before: Entry | undefined;
  after: Entry | undefined;
}

/**
 * Compares two manifests.
 * @param isLeftOut whether what the newer side does not hold may be missing only because it was left out there
 * @returns sorted by path in byte order
 * @throws SyntaxError when a line cannot be understood
 */
export function compareManifests(
  older: ManifestText,
  newer: ManifestText,
  isLeftOut: (entry: Entry) => boolean,
): Change[] {
  return changesIn(differences(older, newer), isLeftOut);
}

/**
 * What of differences counts as a change, with what was moved told as such.
 * @returns sorted by path in byte order
 */
export function changesIn(differing: Iterable<Difference>, isLeftOut: (entry: Entry) => boolean): Change[] {
  const changes: Change[] = [];
  const gone: Entry[] = [];
  const come: Entry[] = [];
  for (const { path, before, after } of differing) {
    if (before && after) {
      const change = changeOf(before, after);
      if (change) changes.push({ path, change, type: after.type });
    } else if (after) come.push(after);
    else if (before && isLeftOut(before)) changes.push({ path, change: 'unstored', type: before.type });
    else if (before) gone.push(before);
  }
  const moves = findMoves(gone, come);
  const from = new Set(moves.values());
  for (const entry of gone) {
    if (!from.has(entry)) changes.push({ path: entry.path, change: 'removed', type: entry.type });
  }
  for (const entry of come) {
    const { path, type } = entry;
    const old = moves.get(entry);
    changes.push(old ? { path, change: 'moved', type, from: old.path } : { path, change: 'added', type });
  }
  return sortByPath(changes);
}

export function countKinds(changes: readonly Change[]): Record<ChangeKind, number> {
  const counts: Record<ChangeKind, number> = { added: 0, removed: 0, modified: 0, moved: 0, metadata: 0, unstored: 0 };
  for (const { change } of changes) counts[change]++;
  return counts;
}

/** Directories whose lines are the same bytes are never taken apart. @throws SyntaxError when a line cannot be understood */
export function* differences(older: ManifestText, newer: ManifestText): Generator<Difference> {
  yield* pairUp([older.rootLine], [newer.rootLine]);
  for (const { before, after } of differingDirectories(older, newer)) yield* pairUp(before, after);
}

function* pairUp(before: readonly string[], after: readonly string[]): Generator<Difference> {
  const was = new Map(differing(before, after).map(entry => [entry.path, entry]));
  for (const entry of differing(after, before)) {
    const { path } = entry;
    yield { path, before: was.get(path), after: entry };
    was.delete(path);
  }
  for (const [path, entry] of was) yield { path, before: entry, after: undefined };
}

function differing(lines: readonly string[], others: readonly string[]): Entry[] {
  const known = new Set(others);
  return lines.flatMap(line => (known.has(line) ? [] : (parseEntry(line) ?? [])));
}

/** What of two entries of one path differs that counts. */
export function changeOf(old: Entry, now: Entry): ChangeKind | undefined {
  if (
    old.type !== now.type ||
    old.sha256 !== now.sha256 ||
    old.target !== now.target ||
    old.device?.kind !== now.device?.kind ||
    old.device?.number !== now.device?.number
  ) {
    return 'modified';
  }
  if (old.mode !== now.mode || old.uid !== now.uid || old.gid !== now.gid) return 'metadata';
  // A directory's own time changes with every entry in it and says nothing more.
  if (now.type === 'dir') return undefined;
  const apart = now.mtime - old.mtime;
  return apart > TIME_TOLERANCE || apart < -TIME_TOLERANCE ? 'metadata' : undefined;
}

/**
 * Pairs files that have come with files that have gone, by content; of several those of one base name first, then in
 * the order of their paths. Empty files are alike without having anything to do with each other.
 */
function findMoves(gone: readonly Entry[], come: readonly Entry[]): Map<Entry, Entry> {
  const moves = new Map<Entry, Entry>();
  const pair = (from: readonly Entry[], to: readonly Entry[], key: (entry: Entry) => string): void => {
    const waiting = new Map<string, Entry[]>();
    // The first path last, since the end is taken first.
    for (const entry of from.toReversed()) {
      const alike = waiting.get(key(entry));
      if (alike) alike.push(entry);
      else waiting.set(key(entry), [entry]);
    }
    for (const entry of to) {
      const old = waiting.get(key(entry))?.pop();
      if (old) moves.set(entry, old);
    }
  };
  const from = withContent(gone);
  const to = withContent(come);
  pair(from, to, entry => `${entry.sha256}/${basename(entry.path)}`);
  const taken = new Set(moves.values());
  pair(
    from.filter(entry => !taken.has(entry)),
    to.filter(entry => !moves.has(entry)),
    entry => entry.sha256 ?? '',
  );
  return moves;
}

function withContent(entries: readonly Entry[]): Entry[] {
  return sortByPath(entries.filter(entry => entry.type === 'file' && entry.size > 0));
}
