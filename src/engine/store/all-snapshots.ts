import { existsSync } from 'node:fs';
import { PhlbError } from '../words/errors.js';
import { readManifest } from './manifest-file.js';
import type { ManifestText } from './manifest-text.js';
import { readSnapshots, sourceFolders, type StoredSnapshot } from './record.js';
import type { Store } from './root.js';

/** All snapshots of a store, safety ones too. */
export function allSnapshots(store: Store): StoredSnapshot[] {
  return sourceFolders(store.layout).flatMap(name => readSnapshots(store.layout, name));
}

/** Whether its tree is there still. */
export function stands(store: Store, snapshot: StoredSnapshot): boolean {
  return existsSync(store.layout.tree(snapshot.id));
}

/** The manifest, or `null` when it cannot be read. */
export async function manifestOf(store: Store, { id }: StoredSnapshot): Promise<ManifestText | null> {
  try {
    return await readManifest(store.layout.manifest(id));
  } catch (error) {
    if (PhlbError.is(error, 'damaged')) return null;
    throw error;
  }
}
