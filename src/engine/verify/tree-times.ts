import { lstatSync } from 'node:fs';
import { errno } from '../words/errors.js';
import { setTime, setTimeOfLink } from '../files/file-times.js';
import { dirname, fsPath, join } from '../words/names.js';
import { parseEntry, type Entry } from '../store/manifest.js';
import type { ManifestText } from '../store/manifest-text.js';
import { isDiskError } from '../files/store-error.js';
import { nsToMicros } from '../words/times.js';

/** Gives directories (after something was changed in them) and symlinks of a stored tree their recorded times again. */
export function putBackTimes(tree: string, manifest: ManifestText, paths: Iterable<string>): void {
  const wanted = new Set(paths);
  const parents = new Set([...wanted].filter(path => path !== '').map(dirname));
  const entries = wanted.has('') ? [parseEntry(manifest.rootLine)] : [];
  for (const parent of parents) {
    const range = manifest.groups.get(parent);
    entries.push(...(range ? manifest.lines(range).map(parseEntry) : []));
  }
  for (const entry of entries) {
    if (entry && wanted.has(entry.path)) putBack(join(tree, entry.path), entry);
  }
}

function putBack(path: string, { type, mtime }: Entry): void {
  // Gone, or replaced by something that is to be left alone.
  const stat = lstatSync(fsPath(path), { throwIfNoEntry: false });
  const isLink = type === 'link' && stat?.isSymbolicLink();
  if (!isLink && !(type === 'dir' && stat?.isDirectory())) return;
  try {
    (isLink ? setTimeOfLink : setTime)(fsPath(path), nsToMicros(mtime));
  } catch (error) {
    // Where times cannot be set, none was.
    if (errno(error) === undefined || isDiskError(error)) throw error;
  }
}
