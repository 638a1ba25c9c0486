/** Finding names in a stored tree through its manifest: by content, or by glob. Runs on the pool's threads. */
import { lstatSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { passUnforeseen, PhlbError } from '../words/errors.js';
import { basename, dirname, fsPath, join } from '../words/names.js';
import { parseEntry, type Entry } from '../store/manifest.js';
import { ManifestText } from '../store/manifest-text.js';
import { nsToMicros } from '../words/times.js';
import { compileGlobs } from '../scan/rules.js';
import { TreeFolders } from '../files/tree-folders.js';
import { hashOf } from '../scan/unchanged.js';

/** What `lstat` says of a stored file. */
interface StoredState {
  device: bigint;
  inode: bigint;
  links: number;
  /** bytes */
  size: number;
  /** microseconds */
  mtime: number;
  mode: number;
}

export interface NamesRequest {
  tree: string;
  manifest: SharedArrayBuffer;
  /** recorded hashes */
  sha256: string[];
  cancel: SharedArrayBuffer;
}

/** A name whose recorded content is one of those asked for, and the file that stands there. */
export interface StoredName {
  entry: Entry;
  state: StoredState;
}

export interface MatchRequest {
  tree: string;
  manifest: SharedArrayBuffer;
  glob: string;
  cancel: SharedArrayBuffer;
}

export interface MatchedEntry {
  entry: Entry;
  /** it matches itself, not only a directory above it */
  top: boolean;
  /** of a file that stands there */
  state: StoredState | null;
}

/** `null`: the manifest cannot be understood. @throws PhlbError `cancelled` */
export function namesOfContents(request: NamesRequest, cancelled: () => boolean): StoredName[] | null {
  const wanted = new Set(request.sha256);
  const folders = new TreeFolders(request.tree);
  return collect(request.manifest, cancelled, line => {
    if (!wanted.has(hashOf(line))) return undefined;
    const entry = parseEntry(line);
    const state = entry && stateOf(request.tree, entry, folders);
    return state && { entry, state };
  });
}

/**
 * Entries that a glob matches, with all that is below a directory that it matches. Hidden names match too; a glob
 * without `/` (but for one at its end, which lets folders match only) matches at any depth. `null`: the manifest cannot be understood.
 * @throws PhlbError `cancelled`
 */
export function matchEntries(request: MatchRequest, cancelled: () => boolean): MatchedEntry[] | null {
  const matches = compileGlobs([anyDepth(request.glob)]);
  const folders = new TreeFolders(request.tree);
  const inside = new Set<string>();
  return collect(request.manifest, cancelled, line => {
    const entry = parseEntry(line);
    if (!entry) return undefined;
    const { path, type } = entry;
    const below = inside.has(dirname(path));
    if (!below && matches(path, basename(path), type === 'dir') === undefined) return undefined;
    if (type === 'dir') inside.add(path);
    return { entry, top: !below, state: (type === 'file' && stateOf(request.tree, entry, folders)) || null };
  });
}

/** A glob for `matchEntries` as a rule. */
export function anyDepth(glob: string): string {
  return glob.replace(/\/+$/, '').includes('/') ? glob : `**/${glob}`;
}

function collect<T>(
  bytes: SharedArrayBuffer,
  cancelled: () => boolean,
  pick: (line: string) => T | undefined,
): T[] | null {
  try {
    const manifest = new ManifestText(Buffer.from(bytes));
    const found: T[] = [];
    for (const range of manifest.groups.values()) {
      if (cancelled()) throw PhlbError.cancelled();
      for (const line of manifest.lines(range)) {
        const picked = pick(line);
        if (picked !== undefined) found.push(picked);
      }
    }
    return found;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function stateOf(tree: string, { path }: Entry, folders: TreeFolders): StoredState | undefined {
  const stat = folders.has(dirname(path)) ? look(join(tree, path)) : undefined;
  if (!stat?.isFile()) return undefined;
  return {
    device: stat.dev,
    inode: stat.ino,
    links: Number(stat.nlink),
    size: Number(stat.size),
    mtime: nsToMicros(stat.mtimeNs),
    mode: Number(stat.mode & 0o777n),
  };
}

function look(path: string): BigIntStats | undefined {
  try {
    return lstatSync(fsPath(path), { bigint: true });
  } catch (error) {
    passUnforeseen(error);
    return undefined;
  }
}
