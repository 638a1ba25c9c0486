/** Text in the whole history: each content is read once, however many snapshots hold it, on all threads. */
import { HeldContents, timeOf, type ContentScope, type HeldContent } from '../index/held-contents.js';
import { matchChanges } from '../index/match-changes.js';
import { readIndex } from '../index/read-index.js';
import { chosenPaths } from '../scan/chosen-paths.js';
import { Pattern, type PatternOptions } from '../search/pattern.js';
import { noSource, openStoreToRead } from '../store/root.js';
import type { Context } from '../threads/context.js';
import type { SearchSettings } from '../threads/search-contents.js';
import type { Take } from '../words/call.js';
import { PhlbError } from '../words/errors.js';
import type { PathError, StoreLocation } from '../words/model.js';
import { phrase } from '../words/phrase.js';
import { ContentSearch, type SearchCounts } from './content-search.js';
import { FoundBlocks, type GrepBlock } from './found-blocks.js';

export interface GrepRequest extends PatternOptions {
  location: StoreLocation;
  /** which files, as `chosenPaths` takes them; default: all */
  globs?: string[];
  /** only this source */
  source?: string;
  /** where to look: sources by their names; default: all */
  names?: readonly string[];
  /** only snapshots that were taken from then on, or up to then; ISO-8601 */
  since?: string;
  until?: string;
  /** only lines that today's file of the same path does not have; where the source is not at hand, its newest snapshot's */
  deleted?: boolean;
  /** instead of lines the snapshots in which a path has another number of matches than in the one before */
  changes?: boolean;
  /** how many lines before and after each one that matches come with it, up to 1000 */
  before?: number;
  after?: number;
  /** larger contents are not searched; bytes, up to 256 MiB, default 10 MiB */
  maxSize?: number;
}

export interface GrepChange {
  type: 'change';
  source: string;
  path: string;
  /** id of the snapshot, and when it was started */
  snapshot: string;
  at: string;
  /** how many matches there are in the snapshot before, and in this one */
  before: number;
  after: number;
}

/** Comes first. */
interface GrepBegin {
  type: 'begin';
  /** that are searched, by their names */
  sources: string[];
}

/** What comes while the search goes on, the newest first, about. */
export type GrepItem = GrepBegin | GrepBlock | GrepChange;

export interface GrepResult extends SearchCounts {
  /** lines that matched, in all blocks; or changes */
  matches: number;
  /** what could not be read; absolute paths */
  errors: PathError[];
  /** ids of snapshots that could not be searched, since their manifests cannot be read */
  unreadable: string[];
}

const MAX_SIZE = 10 << 20;
const GREATEST_MAX_SIZE = 256 << 20;
const MAX_AROUND = 1000;
const CHANGES_AT_ONCE = 500;

/**
 * Searches all contents that are meant. Takes no lock.
 * @param take gets what is found as it comes; the search waits for it
 * @throws PhlbError `usage` for what is no pattern, glob, time or number, `notFound` for a source that there is not,
 *   `cancelled`, and as `openStoreToRead`
 */
export async function grep(request: GrepRequest, context: Context, take: Take<GrepItem>): Promise<GrepResult> {
  const settings = settingsOf(request);
  const scope = scopeOf(request);
  await Pattern.compile(request);
  const store = openStoreToRead(request.location);
  return readIndex(store, context, async (db, unreadable) => {
    const held = new HeldContents(db, scope);
    if (request.source !== undefined && held.sources.length === 0) throw noSource(store.layout, request.source);
    await take([{ type: 'begin', sources: held.sources.map(({ name }) => name) }]);
    const search = new ContentSearch(store, held, settings, context);
    const matches = request.changes
      ? await tellChanges(search, take)
      : await tellBlocks(search, request.deleted === true, take);
    return { matches, ...search.counts, errors: search.errors, unreadable };
  });
}

/** Whether `grep` takes it. @throws PhlbError `usage` */
export async function checkPattern(options: PatternOptions): Promise<void> {
  await Pattern.compile(options);
}

function settingsOf({ pattern, fixed, word, letters, ...request }: GrepRequest): SearchSettings {
  const { before = 0, after = 0, maxSize = MAX_SIZE, changes = false, deleted = false } = request;
  if (changes && deleted) {
    throw new PhlbError('usage', phrase`Changes can be asked for, or what is gone today, but not both at once`);
  }
  for (const lines of [before, after]) {
    if (Number.isInteger(lines) && lines >= 0 && lines <= MAX_AROUND) continue;
    throw new PhlbError('usage', phrase`Not a number of lines, up to ${MAX_AROUND}: ${lines}`);
  }
  if (!Number.isInteger(maxSize) || maxSize < 0 || maxSize > GREATEST_MAX_SIZE) {
    throw new PhlbError('usage', phrase`Files of more than 256 MiB cannot be searched`);
  }
  return {
    pattern: {
      pattern,
      ...(fixed === undefined ? {} : { fixed }),
      ...(word === undefined ? {} : { word }),
      ...(letters === undefined ? {} : { letters }),
    },
    around: { before, after },
    maxSize,
    counts: changes,
  };
}

function scopeOf({ globs = [], source, names, since, until, changes = false }: GrepRequest): ContentScope {
  return {
    chooses: chosenPaths(globs),
    ...(source === undefined ? {} : { source }),
    ...(names === undefined ? {} : { names }),
    ...(since === undefined ? {} : { since: timeFrom(since) }),
    ...(until === undefined ? {} : { until: timeFrom(until) }),
    oneBefore: changes,
  };
}

function timeFrom(text: string): number {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new PhlbError('usage', phrase`Not a time: ${text}`);
  return time;
}

/** Returns how many lines there were. */
async function tellBlocks(search: ContentSearch, onlyLost: boolean, take: Take<GrepItem>): Promise<number> {
  const blocks = new FoundBlocks(search, onlyLost, take);
  await search.all((found, thread) => blocks.tell(found, thread));
  return blocks.matches;
}

/** Returns how many changes there were. */
async function tellChanges(search: ContentSearch, take: Take<GrepItem>): Promise<number> {
  const counts = new Map<HeldContent, number | undefined>();
  await search.all(async found => {
    for (const one of found) if ('count' in one) counts.set(one.content, one.count);
  });
  for (const content of search.unknown) counts.set(content, undefined);
  const changes = matchChanges(search.held, counts).map(({ source, path, at, before, after }) => {
    const snapshot = source.snapshots[at]?.id ?? '';
    return { type: 'change' as const, source: source.name, path, snapshot, at: timeOf(source, at), before, after };
  });
  for (let at = 0; at < changes.length; at += CHANGES_AT_ONCE) await take(changes.slice(at, at + CHANGES_AT_ONCE));
  return changes.length;
}
