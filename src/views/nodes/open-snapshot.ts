import type * as vscode from 'vscode';
import type { SnapshotInfo, SourceInfo } from '../../engine/words/model.js';
import { previousSnapshot } from '../../host/catalog/catalog.js';
import type { ChangeTree } from '../../host/catalog/change-tree.js';
import type { SnapshotPair } from '../../host/catalog/snapshot-changes.js';
import type { Node } from './node.js';
import type { NodeServices } from './services.js';

/** One snapshot as all nodes below it see it, with what has changed since the one before it, as soon as that is known. */
export class OpenSnapshot {
  /** what it is compared with; a safety snapshot, or one whose record cannot be read, with nothing */
  readonly previous: SnapshotInfo | undefined;
  private found: ChangeTree | undefined;

  constructor(
    readonly services: NodeServices,
    readonly storeId: string,
    readonly source: SourceInfo,
    readonly snapshot: SnapshotInfo,
  ) {
    this.previous = this.isComparable ? previousSnapshot(source, snapshot) : undefined;
  }

  get isComparable(): boolean {
    return this.snapshot.kind === 'snapshot' && this.snapshot.problem === undefined;
  }

  /** There is none before it that it could differ from. */
  get isFirst(): boolean {
    return this.source.snapshots.find(({ kind }) => kind === 'snapshot') === this.snapshot;
  }

  /** The address of a path in it. */
  address(path: string): vscode.Uri {
    return this.services.catalog.address(this.storeId, this.source, this.snapshot, path);
  }

  /** The address of a path that is gone, in the snapshot before. */
  previousAddress(path: string): vscode.Uri {
    return this.services.catalog.address(this.storeId, this.source, this.previous ?? this.snapshot, path);
  }

  /** What is known without waiting. */
  get changes(): ChangeTree | undefined {
    const { pair } = this;
    if (pair) this.found ??= this.services.changes.known(pair);
    return this.found;
  }

  /** `undefined` where it cannot be found out, which is in the log then. */
  async findChanges(): Promise<ChangeTree | undefined> {
    const { pair } = this;
    if (pair) this.found ??= await this.services.changes.between(pair);
    return this.found;
  }

  private get pair(): SnapshotPair | undefined {
    const { storeId, previous, snapshot } = this;
    return previous && { storeId, older: previous.id, newer: snapshot.id };
  }
}

/** A place in a snapshot. */
export interface SnapshotPath {
  in: OpenSnapshot;
  /** relative to the source */
  path: string;
}

/** The nodes of what lies in a folder of a snapshot. */
export type NodesOf = (folder: SnapshotPath) => Promise<Node[]>;
