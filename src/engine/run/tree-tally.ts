/** What a run adds up to, told step by step while its tree is written. */
import { keptChanging, type FileFacts } from '../words/contents.js';
import { noCounts } from '../words/counts.js';
import type { ExcludedCount, PathError, SnapshotCounts } from '../words/model.js';
import { repositoryOf } from '../words/repositories.js';
import type { ComparisonTally } from '../scan/compared-directory.js';
import { hashOf, saysTheSame } from '../scan/unchanged.js';
import type { PlaceReply } from '../transfer/requests.js';

export interface TreeResult {
  counts: SnapshotCounts;
  excluded: ExcludedCount[];
  errors: PathError[];
  /** rules that are not obeyed, one sentence each */
  refused: string[];
  damaged: { path: string; snapshot: string }[];
  /** stored files whose content was right under another time */
  retimed: number;
  /** the manifest's lines differ from the previous ones */
  changed: boolean;
  /** files otherwise equal whose inode is another */
  inodeOnly: number;
  /** of no git repository: files that are not as the previous snapshot has them, and entries that are no longer there */
  changedFiles: number;
}

export class TreeTally {
  readonly result: TreeResult = {
    counts: noCounts(),
    excluded: [],
    errors: [],
    refused: [],
    damaged: [],
    retimed: 0,
    changed: false,
    inodeOnly: 0,
    changedFiles: 0,
  };
  private readonly excluded = new Map<string, ExcludedCount>();
  private readonly damaged = new Set<string>();

  /** @param previousId the snapshot whose stored files may be found damaged */
  walked(walk: ComparisonTally, previousId: string): void {
    const { result } = this;
    const { counts } = result;
    counts.files += walk.files + walk.linkedFiles + walk.copiedFiles;
    counts.unchangedFiles += walk.files;
    counts.linkedFiles += walk.linkedFiles;
    counts.copiedFiles += walk.copiedFiles;
    counts.bytes += walk.bytes + walk.linkedBytes + walk.copiedBytes;
    counts.copiedBytes += walk.copiedBytes;
    counts.linkedBytes += walk.bytes + walk.linkedBytes;
    counts.symlinks += walk.symlinks;
    counts.directories += walk.directories;
    result.changedFiles += walk.changedFiles;
    result.inodeOnly += walk.inodeOnly;
    result.retimed += walk.retimed;
    for (const error of walk.errors) result.errors.push(error);
    this.damage(walk.damaged.map(name => ({ name, snapshot: previousId })));
    for (const one of walk.excluded) this.leftOut(one);
    for (const one of walk.refused) result.refused.push(one);
    if (walk.changed) result.changed = true;
  }

  /**
   * A file was read and stored.
   * @param line its new line
   * @param old its line in the previous manifest
   */
  stored(path: string, line: string, old: string | undefined, reply: Extract<PlaceReply, { how: string }>): void {
    const { result } = this;
    const { facts } = reply;
    this.count(facts, reply.how === 'linked');
    this.damage(reply.damaged);
    if (reply.retimed) result.retimed++;
    if (facts.unstable) result.errors.push(keptChanging(path));
    this.compareLines(path, line, old);
  }

  /** Stored files were found damaged; met by their name and again by their content, they count once. */
  damage(found: readonly { name: string; snapshot: string }[]): void {
    for (const { name: path, snapshot } of found) {
      const key = `${snapshot}/${path}`;
      // One without a snapshot was this run's own, or a dead run's: nothing is lost with it.
      if (snapshot === '' || this.damaged.has(key)) continue;
      this.damaged.add(key);
      this.result.damaged.push({ path, snapshot });
    }
  }

  /** A file was read but is not to be stored. */
  compared(path: string, line: string, old: string | undefined, facts: FileFacts): void {
    this.count(facts, old !== undefined && hashOf(old) === facts.sha256);
    this.compareLines(path, line, old);
  }

  /** A file could not be read or stored. */
  failed(old: string | undefined, error: PathError): void {
    this.result.errors.push(error);
    // What could not be stored last time either changes nothing.
    if (old !== undefined) this.result.changed = true;
  }

  finish(): TreeResult {
    this.result.excluded = [...this.excluded.values()].sort((a, b) => (a.rule < b.rule ? -1 : 1));
    return this.result;
  }

  private compareLines(path: string, line: string, old: string | undefined): void {
    if (old !== undefined && saysTheSame(line, old)) return;
    this.result.changed = true;
    if (repositoryOf(path) === undefined) this.result.changedFiles++;
  }

  private count(facts: FileFacts, linked: boolean): void {
    const { counts } = this.result;
    counts.files++;
    counts.bytes += facts.size;
    counts[linked ? 'linkedFiles' : 'copiedFiles']++;
    counts[linked ? 'linkedBytes' : 'copiedBytes'] += facts.size;
  }

  private leftOut(one: ExcludedCount): void {
    const sum = this.excluded.get(one.rule);
    if (sum) {
      sum.directories += one.directories;
      sum.files += one.files;
    } else this.excluded.set(one.rule, { ...one });
  }
}
