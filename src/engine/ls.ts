/** What a snapshot holds, with the true modes and times, from its manifest. */
import { sortByPath } from './words/byte-order.js';
import { PhlbError } from './words/errors.js';
import type { LsEntry, LsRequest, LsResult } from './words/model.js';
import { dirname, namedAmong } from './words/names.js';
import { phrase } from './words/phrase.js';
import { pathInSnapshot } from './scan/snapshot-path.js';
import { openSnapshot } from './store/open-snapshot.js';
import type { Entry } from './store/manifest.js';
import type { ManifestText } from './store/manifest-text.js';
import { openStoreToRead } from './store/root.js';
import { nsToIso } from './words/times.js';

/** Everything below `path` (and a file named by it), sorted by path in byte order. @throws PhlbError `usage`, `notFound`, `damaged` */
export async function ls(request: LsRequest): Promise<LsResult> {
  const store = openStoreToRead(request.location);
  const { manifest, record } = await openSnapshot(store, request.snapshot);
  const asked = pathInSnapshot(request.path ?? '', record.source);
  const file = fileAt(manifest, asked);
  if (file) return { entries: [describe(file)] };
  const below = namedAmong(pathsOf(manifest), asked);
  const entries: LsEntry[] = [];
  let isDirectory = below === '';
  for (const entry of manifest.entries()) {
    if (entry.path === '') continue;
    if (entry.path === below && entry.type === 'dir') isDirectory = true;
    else if (below === '' || entry.path === below || entry.path.startsWith(`${below}/`)) entries.push(describe(entry));
  }
  if (entries.length === 0 && !isDirectory) {
    throw new PhlbError('notFound', phrase`Not in snapshot ${request.snapshot}`, { path: below });
  }
  return { entries: sortByPath(entries) };
}

// One file is told without reading of all the others.
function fileAt(manifest: ManifestText, path: string): Entry | undefined {
  for (const entry of manifest.entriesOf(dirname(path))) {
    if (entry.path === path) return entry.type === 'dir' ? undefined : entry;
  }
  return undefined;
}

function* pathsOf(manifest: ManifestText): Generator<string> {
  for (const { path } of manifest.entries()) yield path;
}

function describe(entry: Entry): LsEntry {
  return {
    path: entry.path,
    type: entry.type,
    size: entry.size,
    mtime: nsToIso(entry.mtime),
    mode: entry.mode.toString(8).padStart(4, '0'),
    ...(entry.sha256 === undefined ? {} : { sha256: entry.sha256 }),
    ...(entry.target === undefined ? {} : { target: entry.target }),
  };
}
