/** Finding snapshots by the names that users give them. */
import { PhlbError } from '../words/errors.js';
import { commandLineHint, phrase } from '../words/phrase.js';
import { parseSnapshotName, snapshotId, type SnapshotName } from './layout.js';
import { readManifest } from './manifest-file.js';
import type { ManifestText } from './manifest-text.js';
import { readSnapshots, type SnapshotRecord, type StoredSnapshot } from './record.js';
import { readStoreFile, type Store } from './root.js';

/** @throws PhlbError `usage` for what is no name, `notFound` for a snapshot that does not stand */
export function findSnapshot(store: Store, text: string): StoredSnapshot {
  const wanted = parseSnapshotName(store.layout, text);
  const stored = readSnapshots(store.layout, wanted.name);
  const found =
    wanted.stamp === 'latest'
      ? stored.findLast(s => s.record?.kind !== 'safety')
      : stored.find(s => s.id.stamp === wanted.stamp);
  if (found) return found;
  throw new PhlbError('notFound', phrase`There is no snapshot ${snapshotId(wanted)}`, {
    path: store.layout.sourceFolder(wanted.name),
    hint: commandLineHint('list'),
  });
}

/**
 * A snapshot with all that is known of it. `source` and `host` are those that its folder belongs to by now: a project that
 * was moved (`--adopt`) or taken over is restored to where it is. A safety snapshot stays with the folder that it is of.
 * @throws PhlbError `damaged` when record or manifest cannot be read
 */
export async function openSnapshot(
  store: Store,
  text: string,
): Promise<{ id: SnapshotName; record: SnapshotRecord; tree: string; manifest: ManifestText }> {
  const { id, record: stored, problem } = findSnapshot(store, text);
  if (!stored) {
    throw new PhlbError('damaged', problem, {
      path: store.layout.record(id),
      hint: commandLineHint('rehash'),
    });
  }
  const record = stored.kind === 'snapshot' ? { ...stored, ...ownerOf(store, id.name) } : stored;
  return { id, record, tree: store.layout.tree(id), manifest: await readManifest(store.layout.manifest(id)) };
}

function ownerOf(store: Store, name: string): Pick<SnapshotRecord, 'source' | 'host'> | undefined {
  const entry = readStoreFile(store.layout)?.sources.find(source => source.name === name);
  return entry && entry.path !== '' ? { source: entry.path, host: entry.host } : undefined;
}
