/** Which contents of files the snapshots hold, and where: for who reads all of them. */
import type { Database } from 'sql.js';
import { compareNames } from '../words/names.js';
import { contentFacts, IndexedSource, type FileSpan, type Span } from './queries.js';

export interface ContentScope {
  /** only this source */
  source?: string;
  /** only these sources */
  names?: readonly string[];
  chooses: (dir: string, name: string) => boolean;
  /** only snapshots that were taken from then on, or up to then; ms */
  since?: number;
  until?: number;
  /** also the snapshot before the first of these, to compare it with */
  oneBefore?: boolean;
}

/** A path with one content over a run of snapshots, which others may hold before and after. */
export interface HeldPath extends Span {
  source: IndexedSource;
  path: string;
}

/** A content, whatever the modes of the files that hold it. */
export interface HeldContent {
  /** a character for each byte */
  sha256: string;
  size: number;
  /** where it stands, in no order */
  runs: HeldPath[];
  /** the one of them that the newest snapshot holds */
  newest: HeldPath;
}

export class HeldContents {
  readonly sources: readonly IndexedSource[];
  private readonly windows: ReadonlyMap<IndexedSource, Span>;

  constructor(
    private readonly db: Database,
    private readonly scope: ContentScope,
  ) {
    const { source: only, names } = scope;
    const all = IndexedSource.all(db).filter(
      ({ name }) => (only === undefined || name === only) && names?.includes(name) !== false,
    );
    this.sources = all.filter(({ snapshots }) => snapshots.length > 0);
    this.windows = new Map(
      this.sources.map(source => {
        const { first, last } = windowOf(source, scope);
        return [source, { first: Math.max(0, first - (scope.oneBefore ? 1 : 0)), last }];
      }),
    );
  }

  /** Each once, those first that a newer snapshot holds; of one snapshot by path. */
  newestFirst(): HeldContent[] {
    const facts = contentFacts(this.db);
    const found = new Map<string, HeldContent>();
    for (const source of this.sources) {
      for (const { content, path, ...run } of source.contentRuns(this.scope.chooses)) {
        const span = this.clip(source, run);
        const fact = facts.get(content);
        if (!span || !fact) continue;
        const held = { source, path, ...span };
        const known = found.get(fact.sha256);
        if (!known) found.set(fact.sha256, { ...fact, runs: [held], newest: held });
        else {
          known.runs.push(held);
          if (newestFirst(held, known.newest) < 0) known.newest = held;
        }
      }
    }
    return [...found.values()].sort((a, b) => newestFirst(a.newest, b.newest));
  }

  /** What stood at a path as a file, oldest first. */
  filesAt(source: IndexedSource, path: string): FileSpan[] {
    return source.filesAt(path).flatMap(file => {
      const span = this.clip(source, file);
      return span ? [{ ...file, ...span }] : [];
    });
  }

  /** The first snapshot that was asked for: the one before it is only there to be compared with. */
  firstAsked(source: IndexedSource): number {
    return windowOf(source, this.scope).first;
  }

  /** The snapshots of a source that are in the scope; none where `first` is greater than `last`. */
  windowOf(source: IndexedSource): Span {
    return this.windows.get(source) ?? { first: 0, last: -1 };
  }

  private clip(source: IndexedSource, { first, last }: Span): Span | undefined {
    const window = this.windowOf(source);
    const span = { first: Math.max(first, window.first), last: Math.min(last, window.last) };
    return span.first <= span.last ? span : undefined;
  }
}

/** Runs of one content, newest first. Those that only a mode or a time tells apart are one. */
export function pathsOf({ runs }: HeldContent): HeldPath[] {
  if (runs.length < 2) return runs;
  const merged: HeldPath[] = [];
  const latest = new Map<string, HeldPath>();
  for (const run of runs.toSorted((a, b) => a.first - b.first)) {
    const key = `${run.source.name}/${run.path}`;
    const before = latest.get(key);
    if (before?.last === run.first - 1) before.last = run.last;
    else {
      const one = { ...run };
      latest.set(key, one);
      merged.push(one);
    }
  }
  return merged.sort(newestFirst);
}

/** When a snapshot was started, ISO-8601 UTC. */
export function timeOf(source: IndexedSource, at: number): string {
  return source.snapshots[at]?.startedAt ?? '';
}

function newestFirst(a: HeldPath, b: HeldPath): number {
  if (a.source !== b.source || a.last !== b.last) {
    const order = compareNames(timeOf(b.source, b.last), timeOf(a.source, a.last));
    if (order !== 0) return order;
  }
  return compareNames(a.path, b.path);
}

function windowOf({ snapshots }: IndexedSource, { since = -Infinity, until = Infinity }: ContentScope): Span {
  const first = snapshots.findIndex(({ startedAt }) => Date.parse(startedAt) >= since);
  const last = snapshots.findLastIndex(({ startedAt }) => Date.parse(startedAt) <= until);
  return { first: first < 0 ? snapshots.length : first, last };
}
