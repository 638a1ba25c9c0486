import type { BigIntStats } from 'node:fs';
import type { HeldFolder } from '../files/held-folder.js';
import type { Capabilities } from '../store/capabilities.js';
import type { SnapshotName } from '../store/layout.js';
import type { ManifestText } from '../store/manifest-text.js';
import type { SnapshotRecord, StoredSnapshot } from '../store/record.js';
import type { SourceEntry, Store } from '../store/root.js';
import type { Context } from '../threads/context.js';
import type { BackupRequest, RulesInForce, SnapshotKind } from '../words/model.js';

/** All that one run knows. */
export interface Run {
  store: Store;
  request: BackupRequest;
  context: Context;
  source: SourceEntry;
  rules: RulesInForce;
  /** of the source folder; when the threads are set up, of the one that they work in */
  root: BigIntStats;
  /** the source folder, where it is held already: it must be this one */
  held?: HeldFolder;
  startedAt: Date;
  kind: SnapshotKind;
  only: string[] | null;
  sequence: number;
  previous: { snapshot: StoredSnapshot; record: SnapshotRecord; manifest: ManifestText } | null;
  /** the newest snapshot that holds files */
  filled: SnapshotName | null;
  /** the store holds snapshots, so contents may be found */
  anySnapshots: boolean;
  able: Capabilities;
  notes: string[];
}
