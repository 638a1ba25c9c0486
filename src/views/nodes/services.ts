import type { LsEntry } from '../../engine/words/model.js';
import type { Catalog } from '../../host/catalog/catalog.js';
import type { DateFormat } from '../../host/editor/dates.js';
import type { SnapshotChanges } from '../../host/catalog/snapshot-changes.js';
import type { Node } from './node.js';

/** What the nodes of the Snapshots tree need to show themselves. */
export interface NodeServices {
  catalog: Catalog;
  dates: DateFormat;
  collator: Intl.Collator;
  changes: SnapshotChanges;
  /** what a snapshot has recorded of one of its files; `undefined`: nothing */
  entryOf: (snapshotId: string, path: string, signal: AbortSignal) => Promise<LsEntry | undefined>;
  /** whether what has not changed is left out */
  changesOnly: () => boolean;
  /** makes the tree ask a node, and what is open below it, again */
  refresh: (node: Node) => void;
}
