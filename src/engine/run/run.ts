import type { Capabilities } from '../store/capabilities.js';
import type { StoreLock } from '../store/lock.js';
import type { TurnMark } from '../store/turn-marks.js';
import type { Store } from '../store/root.js';
import type { Context } from '../threads/context.js';
import type { SnapshotKind } from '../words/model.js';
import type { Comparison } from './comparison.js';

/** All that is known of one snapshot that is being taken. */
export interface Run {
  comparison: Comparison;
  store: Store;
  lock: StoreLock;
  context: Context;
  /** the source's name in the store */
  name: string;
  kind: SnapshotKind;
  startedAt: Date;
  sequence: number;
  /** the store holds snapshots, so contents may be found */
  anySnapshots: boolean;
  capabilities: Capabilities;
  options: BackupOptions;
  /** the turn that it belongs to, with its place in it */
  mark?: TurnMark | undefined;
  /** what is free, bytes, where it is doubtful that this is enough: told before anything is stored, if it is not */
  freeInDoubt?: number | undefined;
  notes: string[];
}

/** As `BackupRequest` has them. */
interface BackupOptions {
  label?: string | undefined;
  cause?: string | undefined;
  protectFiles?: boolean | undefined;
  flush?: boolean | undefined;
}
