/** Opening a backup root: founding one, knowing one again, refusing what is not the one that was here. */
import { randomBytes } from 'node:crypto';
import { existsSync, renameSync, statSync } from 'node:fs';
import { commandLineHint, phrase } from '../words/phrase.js';
import { createExclusive, replaceFile } from '../files/durable.js';
import { errno, passAllButRefusals, PhlbError, reason, unlessRefused } from '../words/errors.js';
import type { Rules, StoreLocation } from '../words/model.js';
import { isSourceName, Layout } from './layout.js';
import { makeFolder } from '../files/make-folder.js';
import { refuseLinks } from './own-folders.js';
import { readSnapshots, sourceFolders } from './record.js';
import { removeEmpty } from '../files/remove.js';
import { isRules } from './rules.js';
import { fitting, readSmallJson } from '../files/small-file.js';
import { isFull, storeHint } from '../files/store-error.js';
import { hostId, knownHostId, rememberedStore, rememberStore } from './state.js';

/** A source as the store knows it. */
export interface SourceEntry {
  /** its folder in the root */
  name: string;
  host: string;
  /** absolute, as its host writes paths; `''`: not known, so it goes to the first source of that base name */
  path: string;
  rules: Rules;
  /** inodes were found not to be stable here, so they tell nothing */
  unstableInodes: boolean;
}

/** `store.json` */
export interface StoreFile {
  format: 1;
  id: string;
  createdAt: string;
  sources: SourceEntry[];
  /** folders of new snapshots get no write permission */
  protectFolders?: boolean;
}

const MAX_STORE_FILE = 64 << 20;

/** An opened store. */
export interface Store {
  layout: Layout;
  location: StoreLocation;
  /** this computer's id; `''`: it has none yet, and nothing is to be written */
  host: string;
  id: string;
}

/**
 * Opens an existing store to look at it. Needs nothing that can be written: what this host remembers of it is kept where it
 * can be, and a host that has no id yet gets none.
 * @param leavesNoTrace for a dry run: nothing is kept at all
 * @param init as for `openOrFoundStore`
 * @throws PhlbError as `openStore`
 */
export function openStoreToRead(location: StoreLocation, leavesNoTrace = false, init = false): Store {
  const store = findStore(location, init) ?? noStore(location);
  if (leavesNoTrace) return store;
  try {
    rememberStore(location.state, location.root, store.id);
  } catch (error) {
    if (!PhlbError.is(error, 'store')) throw error;
  }
  return store;
}

/**
 * Opens an existing store to change it.
 * @throws PhlbError `unreachable` when a remembered store is not there, or trees stand there that no store lists,
 *   `notFound` when there never was one,
 *   `damaged` when `store.json` cannot be understood
 */
export function openStore(location: StoreLocation): Store {
  return rememberedAs(findStore(location) ?? noStore(location));
}

function noStore(location: StoreLocation): never {
  refuseUnlistedTrees(location);
  throw new PhlbError('notFound', phrase`No backups here yet`, {
    path: location.root,
    hint: phrase`the first backup creates this folder`,
  });
}

/**
 * Opens a store, or founds one where none was ever seen (or, with `init`, where a remembered one is missing, or beside
 * trees that no store lists).
 * @throws PhlbError as `openStore`, and `store` when the root cannot be made
 */
export function openOrFoundStore(location: StoreLocation, init: boolean): Store {
  const store = findStore(location, init);
  if (store) return rememberedAs(store);
  if (!init) refuseUnlistedTrees(location);
  return foundStore(location);
}

/**
 * Opens the store of that id, or founds it anew, with its sources: one that comes back from copies. They are this computer's
 * then, where they were all of one.
 * @throws PhlbError `usage` where another store stands; `unreachable` where another one was, and is not there now; `store`
 */
export function openOrFoundAs(location: StoreLocation, file: StoreFile): Store {
  const stands = readStoreFile(new Layout(location.root));
  if (stands && stands.id !== file.id) {
    throw new PhlbError('usage', phrase`There are other backups at this location`, {
      path: location.root,
      hint: commandLineHint('otherRoot'),
    });
  }
  const store = findStore(location, rememberedStore(location.state, location.root) === file.id);
  if (store) return rememberedAs(store);
  refuseUnlistedTrees(location);
  return foundStore(location, { ...file, sources: ofThisHost(file.sources, hostId(location.state)) });
}

// This computer has come in the place of the one that was lost, unless several had shared the location.
function ofThisHost(sources: readonly SourceEntry[], host: string): SourceEntry[] {
  const isOne = new Set(sources.map(source => source.host)).size === 1;
  return sources.map(source => (isOne ? { ...source, host } : source));
}

/**
 * Opens a store whatever state its `store.json` is in, or founds one around the trees that stand there. An unreadable
 * `store.json` is kept aside; the store goes on under the id that this host remembers.
 * @throws PhlbError `notFound` when the root itself is not there, `store`
 */
export function openOrRefoundStore(location: StoreLocation): Store {
  const { storeFile } = new Layout(location.root);
  if (!existsSync(location.root)) {
    throw new PhlbError('notFound', phrase`There is no such folder`, {
      path: location.root,
      hint: commandLineHint('root'),
    });
  }
  try {
    const store = findStore(location, true);
    if (store) return rememberedAs(store);
  } catch (error) {
    if (!PhlbError.is(error, 'damaged')) throw error;
    renameSync(storeFile, `${storeFile}.unreadable`);
  }
  const id = rememberedStore(location.state, location.root);
  return foundStore(location, id === undefined ? {} : { id });
}

/** @throws PhlbError `damaged` */
export function readStoreFile(layout: Layout): StoreFile | undefined {
  try {
    return checkStoreFile(readSmallJson(layout.storeFile, MAX_STORE_FILE));
  } catch (error) {
    const code = errno(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    // Or a link or a FIFO in its place.
    if (error instanceof SyntaxError || code === 'ELOOP') throw notUnderstood(layout, error);
    passAllButRefusals(error);
    throw new PhlbError('store', phrase`The backup location cannot be read (${reason(error)})`, {
      path: layout.storeFile,
      cause: error,
    });
  }
}

/** Rewrites `store.json`. Call it under the lock only. */
export function updateStoreFile(layout: Layout, change: (file: StoreFile) => void): void {
  const file = readStoreFile(layout);
  if (!file) throw locationGone(layout);
  change(file);
  replaceFile(layout.storeFile, formatStoreFile(file));
}

/** The error of a store that was there when the operation began. */
export function locationGone({ root }: Layout): PhlbError {
  return new PhlbError('unreachable', phrase`The backup location has gone`, {
    path: root,
    hint: commandLineHint('connect'),
  });
}

export function noSource({ root }: Layout, name: string): PhlbError {
  return new PhlbError('notFound', phrase`There is no source ${name}`, { path: root, hint: commandLineHint('list') });
}

// Remembered, by a host that has an id.
function rememberedAs(store: Store): Store {
  const { location, id } = store;
  rememberStore(location.state, location.root, id);
  return { ...store, host: hostId(location.state) };
}

// Writes nothing.
function findStore(location: StoreLocation, init = false): Store | undefined {
  if (!location.root.isWellFormed()) {
    throw new PhlbError('usage', phrase`The name of a backup location must be valid UTF-8`, { path: location.root });
  }
  const layout = new Layout(location.root);
  refuseLinks(layout);
  // First of all: another PHLB that founds this store meanwhile writes its list before it remembers it.
  const remembered = rememberedStore(location.state, location.root);
  const file = readStoreFile(layout);
  if (remembered !== undefined && file?.id !== remembered && !init) {
    throw new PhlbError(
      'unreachable',
      file
        ? phrase`There are other backups where this computer keeps its own`
        : phrase`The backup location cannot be reached`,
      {
        path: location.root,
        hint: commandLineHint(file ? 'accept' : treesWithoutList(layout) ? 'listMissing' : 'connect'),
      },
    );
  }
  if (!file) return undefined;
  return { layout, location, host: knownHostId(location.state) ?? '', id: file.id };
}

// A backup that began a history beside an old one would share nothing with it, and say nothing of it.
function refuseUnlistedTrees(location: StoreLocation): void {
  if (!treesWithoutList(new Layout(location.root))) return;
  throw new PhlbError(
    'unreachable',
    phrase`There are backups here that are not listed, perhaps of an old PyHardLinkBackup`,
    {
      path: location.root,
      hint: commandLineHint('takeOver'),
    },
  );
}

// The list is looked for last: another PHLB that founds this store meanwhile makes it before its first tree.
function treesWithoutList(layout: Layout): boolean {
  const stand = existsSync(layout.root) && sourceFolders(layout).some(name => readSnapshots(layout, name).length > 0);
  return stand && !existsSync(layout.storeFile);
}

function foundStore(location: StoreLocation, known: Partial<StoreFile> = {}): Store {
  const layout = new Layout(location.root);
  const missing = [location.root, layout.home, layout.manifests, layout.partial].filter(folder => !existsSync(folder));
  try {
    if (!existsSync(location.root)) makeFolder(location.root);
    else if (!statSync(location.root).isDirectory()) {
      throw new PhlbError('usage', phrase`Not a folder`, { path: location.root });
    }
    makeFolder(layout.manifests);
    makeFolder(layout.partial);
    const file: StoreFile = {
      ...{ id: randomBytes(8).toString('hex'), createdAt: new Date().toISOString(), sources: [], ...known },
      format: 1,
    };
    // Of two that found it at once, one wins and both go on with what stands there.
    createExclusive(layout.storeFile, formatStoreFile(file));
  } catch (error) {
    removeEach(missing.reverse());
    passAllButRefusals(error);
    throw new PhlbError('store', phrase`The backup location cannot be created (${reason(error)})`, {
      path: location.root,
      hint: isFull(error) ? storeHint(error) : phrase`choose a folder that can be written to`,
      cause: error,
    });
  }
  const stands = readStoreFile(layout);
  if (!stands) throw new PhlbError('store', phrase`The backup location cannot be created`, { path: location.root });
  return rememberedAs({ layout, location, host: '', id: stands.id });
}

// As far as they were made, and nobody else has put anything there.
function removeEach(folders: readonly string[]): void {
  for (const folder of folders) {
    unlessRefused(() => removeEmpty(folder));
  }
}

function formatStoreFile(file: StoreFile): string {
  return fitting(JSON.stringify(file, undefined, 2) + '\n', 'store.json', MAX_STORE_FILE);
}

function notUnderstood(layout: Layout, cause: unknown): PhlbError {
  return new PhlbError('damaged', phrase`The list of sources is not valid`, {
    path: layout.storeFile,
    hint: commandLineHint('rehash'),
    cause,
  });
}

function checkStoreFile(value: unknown): StoreFile {
  const file = value as StoreFile;
  const sound =
    typeof value === 'object' &&
    value !== null &&
    file.format === 1 &&
    typeof file.id === 'string' &&
    /^[0-9a-f]{16}$/.test(file.id) &&
    Array.isArray(file.sources) &&
    (file.protectFolders === undefined || typeof file.protectFolders === 'boolean') &&
    file.sources.every(
      s =>
        typeof s?.name === 'string' &&
        // A folder of the root and nothing else.
        isSourceName(s.name) &&
        typeof s.host === 'string' &&
        typeof s.path === 'string' &&
        isRules(s.rules),
    );
  if (!sound) throw new SyntaxError('not a store of format 1');
  return file;
}
