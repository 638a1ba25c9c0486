/**
 * One backup: lock, choose the source and its rules, run. The run is in `snapshot-run.ts`, the work in `write-tree.ts`
 * and, on the threads, in `scan/directory.ts` and `threads/executor.ts`.
 */
import { existsSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import type { Context } from './threads/context.js';
import { PhlbError } from './words/errors.js';
import { checkLabel } from './words/label.js';
import type { BackupRequest, BackupResult, Rules } from './words/model.js';
import { phrase } from './words/phrase.js';
import { warnOfShortage } from './run/shortage.js';
import { rulesInForce } from './scan/ignore-mode.js';
import { DEFAULT_RULES } from './scan/rules.js';
import type { Run } from './run/run.js';
import { compareRun, prepareRun, resultOf, takeSnapshot } from './run/snapshot-run.js';
import { refuseInside, sourceStat } from './scan/source-folder.js';
import { UNTRIED } from './store/capabilities.js';
import { Layout } from './store/layout.js';
import { sourceFolders } from './store/record.js';
import { isRules } from './store/rules.js';
import {
  locationGone,
  lookAtStore,
  openOrFoundStore,
  readStoreFile,
  updateStoreFile,
  type SourceEntry,
  type Store,
} from './store/root.js';
import { chooseSource } from './store/sources.js';
import { withLock } from './store/with-lock.js';

/**
 * Takes one snapshot of one folder.
 * @throws PhlbError `source` when the folder cannot be read, `usage`, `unreachable`, `store`, `lockLost`, `cancelled`.
 *   Whatever is thrown, published snapshots are whole and nothing half is published.
 */
export async function backup(request: BackupRequest, context: Context): Promise<BackupResult> {
  if (request.label !== undefined) checkLabel(request.label);
  const root = sourceStat(request.source);
  refuseInside(request.source, root, new Layout(request.place.root));
  if (request.dryRun) return dryRun(request, root, context);
  const store = openOrFoundStore(request.place, request.init ?? false);
  return withLock(store, context, async (lock, notes) => {
    const source = settleSource(store, request);
    const run = await prepareRun({ store, source, request, root, context, notes });
    if (request.skipUnchanged && run.previous) {
      const seen = await compareRun(run, false);
      if (!seen.changed) return resultOf(run, seen, null);
    }
    await warnOfShortage(run);
    return takeSnapshot(run, lock);
  });
}

// Without the lock, and nothing is written. What is deleted meanwhile is a moment's truth, as the source itself is.
async function dryRun(request: BackupRequest, root: BigIntStats, context: Context): Promise<BackupResult> {
  if (!existsSync(new Layout(request.place.root).storeFile)) return dryFirst(request, root, context);
  const store = lookAtStore(request.place, true, request.init);
  const run = await prepareRun({ store, source: settleSource(store, request), request, root, context, notes: [] });
  return resultOf(run, await compareRun(run, true), null);
}

function settleSource(store: Store, request: BackupRequest): SourceEntry {
  const file = readStoreFile(store.layout);
  if (!file) throw locationGone(store.layout);
  const choice = chooseSource(
    file.sources,
    { host: store.host, path: request.source, name: request.name, adopt: request.adopt ?? false },
    sourceFolders(store.layout),
  );
  const known = 'known' in choice ? choice.known : undefined;
  const entry: SourceEntry = {
    name: known?.name ?? ('name' in choice ? choice.name : ''),
    host: store.host,
    path: request.source,
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

// A dry run founds no store: everything would be copied.
async function dryFirst(request: BackupRequest, root: BigIntStats, context: Context): Promise<BackupResult> {
  const layout = new Layout(request.place.root);
  const chosen = chooseSource([], { host: '', path: request.source, name: request.name, adopt: true }, []);
  const rules = { ...DEFAULT_RULES, ...definedRules(request.rules) };
  const run: Run = {
    store: { layout, place: request.place, host: '', id: '' },
    request,
    context,
    source: {
      name: 'name' in chosen ? chosen.name : '',
      host: '',
      path: request.source,
      rules,
      unstableInodes: false,
    },
    rules: rulesInForce(request, rules),
    root,
    startedAt: new Date(),
    kind: 'snapshot',
    only: null,
    sequence: 1,
    previous: null,
    filled: null,
    anySnapshots: false,
    able: UNTRIED,
    notes: [],
  };
  return resultOf(run, await compareRun(run, true), null);
}
