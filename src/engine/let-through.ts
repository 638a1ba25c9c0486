/** Which of some paths a backup would store, by its rules: whoever watches a folder need not run a backup to find out. */
import { HeldFolder } from './files/held-folder.js';
import { rulesInForce } from './scan/ignore-mode.js';
import { SinglePaths } from './scan/single-paths.js';
import { rootInside } from './scan/source-folder.js';
import { prepareWalk } from './scan/walk-directory.js';
import { Layout } from './store/layout.js';
import { storeFolders } from './store/store-folders.js';
import type { Rules, StoreLocation } from './words/model.js';
import { isSafeRelative } from './words/names.js';

export interface LetThroughRequest {
  location: StoreLocation;
  /** absolute path of the folder */
  source: string;
  rules: Rules;
  /** as in `BackupRequest` */
  trusted: boolean;
  /** relative to the folder; what is gone may be among them */
  paths: string[];
  /** how many are returned at most */
  limit: number;
}

export interface LetThroughResult {
  /** in the order of the request */
  paths: string[];
}

/**
 * Takes no lock, needs no store and writes nothing.
 * @throws PhlbError `source` when the folder cannot be read
 */
export function letThrough(request: LetThroughRequest): LetThroughResult {
  const layout = new Layout(request.location.root);
  const source = HeldFolder.open(request.source);
  try {
    const walk = prepareWalk(source, {
      device: source.lstat('').dev,
      rules: rulesInForce(request, request.rules),
      only: null,
      leaveOut: rootInside(request.source, layout.root),
      storeFolders: new Set(storeFolders(layout)),
    });
    const single = new SinglePaths(walk);
    const found: string[] = [];
    for (const path of request.paths) {
      if (found.length >= request.limit) break;
      if (isSafeRelative(path) && single.letsThrough(path)) found.push(path);
    }
    return { paths: found };
  } finally {
    source.close();
  }
}
