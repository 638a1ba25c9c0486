/** What the store holds already of a source that is compared, or stored once more. */
import type { Layout, SnapshotName } from '../store/layout.js';
import { snapshotId } from '../store/layout.js';
import { readManifest } from '../store/manifest-file.js';
import type { ManifestText } from '../store/manifest-text.js';
import {
  nextSequence,
  readSnapshots,
  sourceFolders,
  type SnapshotRecord,
  type StoredSnapshot,
} from '../store/record.js';
import { PhlbError } from '../words/errors.js';

/** A snapshot that a source is compared with. */
export interface Previous {
  id: SnapshotName;
  record: SnapshotRecord;
  manifest: ManifestText;
}

export interface History {
  /** the newest snapshot that is no safety snapshot */
  last: { id: SnapshotName; record: SnapshotRecord } | null;
  /** the newest one that holds files */
  filled: SnapshotName | null;
  /** all of the source, safety snapshots too, oldest first */
  snapshots: StoredSnapshot[];
  /** of the next one */
  sequence: number;
  /** the store holds snapshots, of this source or of others */
  anySnapshots: boolean;
}

/** @param name the source's in the store */
export function readHistory(layout: Layout, name: string): History {
  const all = readSnapshots(layout, name);
  const backups = all.flatMap(({ id, record }) => (record?.kind === 'snapshot' ? [{ id, record }] : []));
  return {
    last: backups.at(-1) ?? null,
    filled: backups.findLast(({ record }) => record.counts.files > 0)?.id ?? null,
    snapshots: all,
    sequence: nextSequence(all),
    anySnapshots: all.length > 0 || sourceFolders(layout).length > 0,
  };
}

/** The last snapshot with its manifest. @param notes is told if that cannot be read: then there is nothing to compare with */
export async function readPrevious(layout: Layout, last: History['last'], notes: string[]): Promise<Previous | null> {
  if (!last) return null;
  try {
    return { ...last, manifest: await readManifest(layout.manifest(last.id)) };
  } catch (error) {
    if (!PhlbError.is(error, 'damaged')) throw error;
    notes.push(`The last manifest could not be read, so every file was: ${snapshotId(last.id)}`);
    return null;
  }
}
