import type { Uri } from 'vscode';
import type { FileVersion } from '../../engine/versions.js';
import type { SnapshotInfo, SourceInfo } from '../../engine/words/model.js';
import type { Catalog } from './catalog.js';

/** A version of a file, where it can be had. */
export interface PastVersion {
  version: FileVersion;
  /** the oldest one that holds it */
  snapshot: SnapshotInfo;
  source: SourceInfo;
  /** its address in that snapshot */
  uri: Uri;
}

/** The same versions with their addresses. One whose snapshot was taken or removed a moment ago is left out: the list follows soon. */
export async function addressedVersions(catalog: Catalog, versions: readonly FileVersion[]): Promise<PastVersion[]> {
  const { storeId, sources } = await catalog.list();
  const known = new Map(
    sources.flatMap(source => source.snapshots.map(snapshot => [snapshot.id, { source, snapshot }])),
  );
  return versions.flatMap(version => {
    const at = known.get(version.snapshot);
    return at ? [{ version, ...at, uri: catalog.address(storeId, at.source, at.snapshot, version.path) }] : [];
  });
}
