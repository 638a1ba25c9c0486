/** What people may have lost: files that snapshots hold and the sources no longer have. From the index, and one look at the disk. */
import { sourceOnDisk } from './files/source-on-disk.js';
import { IndexedSource } from './index/queries.js';
import { readIndex } from './index/read-index.js';
import { openStoreToRead, readStoreFile } from './store/root.js';
import type { Context } from './threads/context.js';
import { sortByPath } from './words/byte-order.js';
import { isCancelled } from './words/call.js';
import { PhlbError } from './words/errors.js';
import type { StoreLocation } from './words/model.js';
import { join } from './words/names.js';
import { isAtOrBelow, repositoryOf } from './words/repositories.js';

export interface LostRequest {
  location: StoreLocation;
  /** where to look: sources by their names, each with a folder in it (`''`: all of it); default: everything */
  folders?: { source: string; folder: string }[];
  /** how many files are returned at most; default: all */
  limit?: number;
}

export interface LostFile {
  path: string;
  type: 'file' | 'link';
  source: string;
  /** id of the newest snapshot that holds it */
  last: string;
}

export interface LostResult {
  /** those that were there longest first, then by path in byte order */
  files: LostFile[];
  /** whether there are more */
  more: boolean;
  /** ids of snapshots that could not be searched, since their manifests cannot be read */
  unreadable: string[];
}

interface Candidate extends LostFile {
  /** when the snapshot was taken, milliseconds */
  at: number;
  in: IndexedSource;
  isThere: (path: string) => boolean | undefined;
}

/**
 * Finds deleted files, those that were seen last first. Not among them are git's own files, and what stands under another name
 * today, as far as a snapshot knows that name.
 * @throws PhlbError `cancelled`, and as `openStoreToRead`
 */
export async function lost(request: LostRequest, context: Context): Promise<LostResult> {
  const store = openStoreToRead(request.location);
  const registered = readStoreFile(store.layout)?.sources ?? [];
  return readIndex(store, context, (db, unreadable) => {
    const candidates: Candidate[] = [];
    for (const source of IndexedSource.all(db)) {
      const folders = request.folders?.filter(one => one.source === source.name).map(({ folder }) => folder) ?? [''];
      if (folders.length === 0) continue;
      const entry = registered.find(one => one.name === source.name && one.host === store.host);
      const isThere = sourceOnDisk(entry?.path);
      for (const candidate of deletedIn(source, folders, isThere)) {
        if (isCancelled(context)) throw PhlbError.cancelled();
        candidates.push(candidate);
      }
    }
    const files: LostFile[] = [];
    for (const candidate of sortByPath(candidates).sort((a, b) => b.at - a.at)) {
      if (isCancelled(context)) throw PhlbError.cancelled();
      if (standsElsewhere(candidate)) continue;
      if (files.length === request.limit) return { files, more: true, unreadable };
      const { path, type, source, last } = candidate;
      files.push({ path, type, source, last });
    }
    return { files, more: false, unreadable };
  });
}

function* deletedIn(
  source: IndexedSource,
  folders: readonly string[],
  isThere: Candidate['isThere'],
): Generator<Candidate> {
  const isWanted = (dir: string): boolean => folders.some(folder => folder === '' || isAtOrBelow(dir, folder));
  for (const directory of source.directories()) {
    if (!isWanted(directory.path) || repositoryOf(directory.path) !== undefined) continue;
    const gone = directory.names.filter(name => isThere(join(directory.path, name)) !== true);
    if (gone.length === 0) continue;
    for (const [name, { type, last }] of directory.lives(gone)) {
      const path = join(directory.path, name);
      if ((type !== 'file' && type !== 'link') || repositoryOf(path) !== undefined) continue;
      // Where the source is not at hand, its newest snapshot decides.
      if (isThere(path) === undefined && last === source.snapshots.length - 1) continue;
      const { id, startedAt } = source.snapshots[last] ?? { id: '', startedAt: '' };
      yield { path, type, source: source.name, last: id, at: Date.parse(startedAt), in: source, isThere };
    }
  }
}

// Renamed or moved, whatever became of it afterwards. Empty files are alike without having anything to do with each other.
function standsElsewhere({ path, type, in: source, isThere }: Candidate): boolean {
  const was = type === 'file' ? source.filesAt(path).at(-1) : undefined;
  if (!was || was.size === 0) return false;
  return source.filesOf(was.sha256).some(file => file.first > was.last && isThere(file.path));
}
