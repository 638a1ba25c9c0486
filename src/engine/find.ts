/** Finding paths in all snapshots of all sources at once, from the index. */
import { sortByPath } from './words/byte-order.js';
import type { Context } from './threads/context.js';
import { isCancelled } from './words/call.js';
import { PhlbError } from './words/errors.js';
import { IndexedSource } from './index/queries.js';
import type { EntryType, StoreLocation } from './words/model.js';
import { join } from './words/names.js';
import { sourceOnDisk } from './files/source-on-disk.js';
import { phrase } from './words/phrase.js';
import { readIndex } from './index/read-index.js';
import { refuseImpossible } from './scan/impossible-globs.js';
import { compileGlob } from './scan/rules.js';
import { openStoreToRead, readStoreFile } from './store/root.js';

export interface FindRequest {
  location: StoreLocation;
  /** minimatch, against the path relative to the source; without `/` against the name, at any depth; with one at its end folders only; hidden files match too */
  glob: string;
  /** only what the source no longer has */
  deleted?: boolean;
  /** where to look: sources by their names; default: all */
  names?: readonly string[];
  /** how many matches are passed over */
  offset?: number;
  /** how many matches are returned at most; default: all */
  limit?: number;
}

export interface FindMatch {
  path: string;
  /** in the newest snapshot that holds it */
  type: EntryType;
  /** id of the oldest snapshot that holds it; some in between may not */
  first: string;
  /** id of the newest snapshot that holds it */
  last: string;
  /** the source no longer has it; where the source is not at hand, its newest snapshot decides */
  deleted: boolean;
}

export interface FindResult {
  /** one for each source and path, sorted by path in byte order, then by source */
  matches: FindMatch[];
  /** of all matches, whatever part of them was asked for */
  total: number;
  /** ids of snapshots that could not be searched, since their manifests cannot be read */
  unreadable: string[];
}

/** @throws PhlbError `usage` for a glob that is empty or too long, `cancelled`, and as `openStore` */
export async function find(request: FindRequest, context: Context): Promise<FindResult> {
  const matches = compile(request.glob);
  const foldersOnly = request.glob.endsWith('/');
  const store = openStoreToRead(request.location);
  const registered = readStoreFile(store.layout)?.sources ?? [];
  return readIndex(store, context, (db, unreadable) => {
    const found: FindMatch[] = [];
    for (const source of IndexedSource.all(db)) {
      if (request.names?.includes(source.name) === false) continue;
      const isThere = sourceOnDisk(registered.find(one => one.name === source.name && one.host === store.host)?.path);
      for (const directory of source.directories()) {
        if (isCancelled(context)) throw PhlbError.cancelled();
        const names = directory.names.filter(name => matches(directory.path, name));
        if (names.length === 0) continue;
        const lives = directory.lives(names);
        for (const name of names) {
          const life = lives.get(name);
          if (!life || (foldersOnly && life.type !== 'dir')) continue;
          const path = join(directory.path, name);
          const deleted = !(isThere(path) ?? life.last === source.snapshots.length - 1);
          if (request.deleted && !deleted) continue;
          const first = source.snapshots[life.first]?.id ?? '';
          const last = source.snapshots[life.last]?.id ?? '';
          found.push({ path, type: life.type, first, last, deleted });
        }
      }
    }
    const from = request.offset ?? 0;
    const page = sortByPath(found).slice(from, request.limit === undefined ? undefined : from + request.limit);
    return { matches: page, total: found.length, unreadable };
  });
}

function compile(glob: string): (dir: string, name: string) => boolean {
  const text = glob.replace(/^\.?\/+/, '').replace(/\/+$/, '');
  if (text === '') throw new PhlbError('usage', phrase`The glob is empty`, { path: glob });
  refuseImpossible(text);
  const pattern = compileGlob(text);
  return text.includes('/') ? (dir, name) => pattern.match(join(dir, name)) : (_, name) => pattern.match(name);
}
