import type { SnapshotInfo, SourceInfo } from '../../engine/words/model.js';
import type { FoundVersion } from './found-text.js';

/** Which of the snapshots that hold something still stand: a clean-up may have taken some since it was found. */
export class StandingSnapshots {
  private readonly byId: ReadonlyMap<string, { source: SourceInfo; snapshot: SnapshotInfo }>;

  constructor(private readonly sources: readonly SourceInfo[]) {
    this.byId = new Map(
      sources.flatMap(source => source.snapshots.map(snapshot => [snapshot.id, { source, snapshot }] as const)),
    );
  }

  /** Whether it is in the list at all. */
  knows(id: string): boolean {
    return this.byId.has(id);
  }

  /** The newest one from `first` to `last`. */
  newestOf(
    span: Pick<FoundVersion, 'source' | 'first' | 'last' | 'firstAt' | 'lastAt'>,
  ): { source: SourceInfo; snapshot: SnapshotInfo } | undefined {
    const last = this.byId.get(span.last);
    if (last) return last;
    const source = this.sources.find(({ name }) => name === span.source);
    const [from, to] = [Date.parse(span.firstAt), Date.parse(span.lastAt)];
    const snapshot = source?.snapshots.findLast(({ id, kind, problem, startedAt }) => {
      const at = Date.parse(startedAt);
      // What a restore has saved holds only what it has replaced.
      return id === span.first || (kind === 'snapshot' && problem === undefined && at >= from && at <= to);
    });
    return source && snapshot && { source, snapshot };
  }
}
