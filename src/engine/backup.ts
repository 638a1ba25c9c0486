/**
 * One backup: lock, choose the source and its rules, read what the store holds of it. How a snapshot is taken is in
 * `run/take-snapshot.ts`.
 */
import { existsSync, type BigIntStats } from 'node:fs';
import { spellingsOf } from './files/same-folder.js';
import { compareSource, type Comparison } from './run/comparison.js';
import { readHistory, readPrevious, type History } from './run/history.js';
import { warnOfShortage } from './run/shortage.js';
import { takeSnapshot } from './run/take-snapshot.js';
import { markUnchanged, nextMark } from './run/turn-mark.js';
import type { TreeResult } from './run/tree-tally.js';
import { notesOf, warnOfEmptied, warnOfUnmatched } from './run/warnings.js';
import { rulesInForce } from './scan/ignore-mode.js';
import { DEFAULT_RULES } from './scan/rules.js';
import { refuseInside, sourceStat } from './scan/source-folder.js';
import { probe } from './store/capabilities.js';
import { Layout, snapshotId, type SnapshotName } from './store/layout.js';
import { sourceFolders } from './store/record.js';
import {
  locationGone,
  openStoreToRead,
  openOrFoundStore,
  readStoreFile,
  updateStoreFile,
  type SourceEntry,
  type Store,
} from './store/root.js';
import { isRules } from './store/rules.js';
import { chooseSource } from './store/sources.js';
import { withLock } from './store/with-lock.js';
import type { Context } from './threads/context.js';
import { MOMENT_FILES } from './threads/moment.js';
import { PhlbError } from './words/errors.js';
import { checkLabel } from './words/label.js';
import type { BackupRequest, BackupResult, Rules } from './words/model.js';
import { pathKey } from './words/names.js';
import { phrase } from './words/phrase.js';
import { checkCause, checkTurn } from './words/turns.js';

/**
 * Takes one snapshot of one folder.
 * @throws PhlbError `source` when the folder cannot be read, `usage`, `unreachable`, `store`, `lockLost`, `cancelled`.
 *   Whatever is thrown, published snapshots are whole and nothing half is published.
 */
export async function backup(request: BackupRequest, context: Context): Promise<BackupResult> {
  checkTexts(request);
  const root = sourceStat(request.source);
  const layout = new Layout(request.location.root);
  refuseInside(request.source, root, layout);
  if (request.dryRun) return dryRun(request, root, layout, context);
  const store = openOrFoundStore(request.location, request.init ?? false);
  const spellings = await otherSpellings(store, request.source);
  return withLock(store, context, async (lock, notes) => {
    const source = settleSource(store, request, spellings);
    const { last, filled, sequence, anySnapshots, snapshots } = readHistory(layout, source.name);
    const mark = nextMark(request, snapshots);
    rememberProtection(layout, request);
    const capabilities = probe(layout.partial);
    if (!capabilities.hardlinks) {
      notes.push('The backup location has no hardlinks: every snapshot is a full copy there');
    }
    startIfMany(last, context);
    const previous = await readPrevious(layout, last, notes);
    const comparison = comparisonOf(request, source, { root, previous, layout });
    const startedAt = new Date();
    const { name } = source;
    if (request.skipUnchanged && previous) {
      const seen = await compareSource(comparison, context, { stopAtChange: true });
      if (!seen.changed) {
        markUnchanged(layout, lock, previous, mark);
        return lookedAt(comparison, seen, { name, startedAt, filled, notes });
      }
    }
    const freeInDoubt = await warnOfShortage(comparison, context);
    const { id, record, written } = await takeSnapshot({
      ...{ comparison, store, lock, context, notes },
      ...{ name, kind: 'snapshot', startedAt, sequence, anySnapshots, capabilities, mark, freeInDoubt },
      options: request,
    });
    return {
      ...resultOf(comparison, written, { name, startedAt, filled, notes }),
      id: snapshotId(id),
      path: layout.tree(id),
      finishedAt: record.finishedAt,
      published: true,
    };
  });
}

function checkTexts({ label, cause, turn }: BackupRequest): void {
  if (label !== undefined) checkLabel(label);
  if (cause !== undefined) checkCause(cause);
  if (turn !== undefined) checkTurn(turn.id);
}

// The editor's setting holds for the command line on the same store, too, and so for agents' hooks.
function rememberProtection(layout: Layout, { protectFolders }: BackupRequest): void {
  const known = readStoreFile(layout)?.protectFolders ?? false;
  if (protectFolders === undefined || protectFolders === known) return;
  updateStoreFile(layout, file => (file.protectFolders = protectFolders));
}

// The threads take as long to start as a large manifest takes to be read.
function startIfMany(last: History['last'], context: Context): void {
  if (last && last.record.counts.files > MOMENT_FILES) context.pool().start();
}

// Without the lock, and nothing is written. What is deleted meanwhile is a moment's truth, as the source itself is.
async function dryRun(
  request: BackupRequest,
  root: BigIntStats,
  layout: Layout,
  context: Context,
): Promise<BackupResult> {
  const notes: string[] = [];
  const { source, history } = await basisOfDryRun(request, layout);
  startIfMany(history?.last ?? null, context);
  const previous = await readPrevious(layout, history?.last ?? null, notes);
  const comparison = comparisonOf(request, source, { root, previous, layout });
  const startedAt = new Date();
  const seen = await compareSource(comparison, context);
  const result = lookedAt(comparison, seen, { name: source.name, startedAt, filled: history?.filled ?? null, notes });
  return { ...result, warnings: [...result.warnings, ...warnOfUnmatched(comparison.rules, seen)] };
}

// Where there is no store yet, a dry run founds none: everything would be copied.
async function basisOfDryRun(
  request: BackupRequest,
  layout: Layout,
): Promise<{ source: Pick<SourceEntry, 'name' | 'rules' | 'unstableInodes'>; history?: History }> {
  if (existsSync(layout.storeFile)) {
    const store = openStoreToRead(request.location, true, request.init);
    const source = settleSource(store, request, await otherSpellings(store, request.source));
    return { source, history: readHistory(layout, source.name) };
  }
  const choice = { host: '', path: request.source, spellings: [], name: request.name, adopt: true };
  const chosen = chooseSource([], choice, []);
  const rules = { ...DEFAULT_RULES, ...definedRules(request.rules) };
  return { source: { name: 'name' in chosen ? chosen.name : '', rules, unstableInodes: false } };
}

function comparisonOf(
  request: BackupRequest,
  { rules, unstableInodes }: Pick<SourceEntry, 'rules' | 'unstableInodes'>,
  basis: Pick<Comparison, 'root' | 'previous' | 'layout'>,
): Comparison {
  return {
    ...basis,
    source: { path: request.source, unstableInodes },
    rules: rulesInForce(request, rules),
    only: null,
    checksum: request.checksum ?? false,
  };
}

/** What a result tells of a backup besides what was seen. */
interface About {
  name: string;
  startedAt: Date;
  /** the newest snapshot that holds files */
  filled: SnapshotName | null;
  notes: string[];
}

// Of a run that was not to take a snapshot, or had no reason to.
function lookedAt(comparison: Comparison, seen: TreeResult, about: About): BackupResult {
  about.notes.push(...notesOf(comparison.rules, seen));
  return resultOf(comparison, seen, about);
}

function resultOf(
  { source }: Comparison,
  { counts, excluded, damaged, errors }: TreeResult,
  { name, startedAt, filled, notes }: About,
): BackupResult {
  return {
    id: null,
    name,
    source: source.path,
    path: null,
    startedAt: startedAt.toISOString(),
    finishedAt: new Date().toISOString(),
    published: false,
    ...counts,
    excluded,
    damaged,
    warnings: warnOfEmptied(source.path, filled, counts.files),
    errors,
    notes,
  };
}

/** Under which other paths this host has backed a folder up, if it is not known by this one. */
async function otherSpellings({ layout, host }: Store, path: string): Promise<string[]> {
  const paths = (readStoreFile(layout)?.sources ?? []).filter(e => e.host === host && e.path !== '').map(e => e.path);
  return paths.some(known => pathKey(known) === pathKey(path)) ? [] : spellingsOf(path, paths);
}

function settleSource(store: Store, request: BackupRequest, spellings: readonly string[]): SourceEntry {
  const file = readStoreFile(store.layout);
  if (!file) throw locationGone(store.layout);
  const choice = chooseSource(
    file.sources,
    { host: store.host, path: request.source, spellings, name: request.name, adopt: request.adopt ?? false },
    sourceFolders(store.layout),
  );
  const known = 'known' in choice ? choice.known : undefined;
  const entry: SourceEntry = {
    name: known?.name ?? ('name' in choice ? choice.name : ''),
    host: store.host,
    // It keeps the path that it has as long as that leads here.
    path: known && spellings.includes(known.path) ? known.path : request.source,
    rules: { ...(known?.rules ?? DEFAULT_RULES), ...definedRules(request.rules) },
    unstableInodes: known?.unstableInodes ?? false,
  };
  // Settings may hold anything, and kept in the store it would make the list of sources unreadable.
  if (!isRules(entry.rules)) {
    throw new PhlbError('usage', phrase`A rule of this backup has the wrong type`, {
      path: request.source,
      hint: phrase`check phlb.backup.exclude, useGitignore, maxFileSize and oneFileSystem in the settings`,
    });
  }
  if (!request.dryRun && JSON.stringify(known) !== JSON.stringify(entry)) {
    updateStoreFile(store.layout, current => {
      const at = current.sources.findIndex(one => one.name === entry.name);
      if (at < 0) current.sources.push(entry);
      else current.sources[at] = entry;
    });
  }
  return entry;
}

function definedRules(rules: Partial<Rules> | undefined): Partial<Rules> {
  return Object.fromEntries(Object.entries(rules ?? {}).filter(([, value]) => value !== undefined));
}
