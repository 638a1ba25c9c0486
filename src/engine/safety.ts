/** Safety snapshots: what is about to be overwritten or deleted, published first. */
import type { Context } from './context.js';
import { PhlbError } from './errors.js';
import { NO_RULES } from './scan/rules.js';
import { prepareRun, sourceStat, takeSnapshot } from './snapshot-run.js';
import type { StoreLock } from './store/lock.js';
import type { SourceEntry, Store } from './store/root.js';

/** What a safety snapshot is of. */
export interface SafetyRequest {
  store: Store;
  lock: StoreLock;
  /** the folder that is about to be written into */
  source: string;
  name: string;
  /** relative paths, with all their parents */
  paths: string[];
}

/** Publishes exactly these paths, whatever the rules say, before something writes over them. Returns the snapshot's id. */
export async function takeSafetySnapshot(request: SafetyRequest, context: Context): Promise<string> {
  const { store, lock, source, name } = request;
  const entry: SourceEntry = { name, host: store.host, path: source, rules: NO_RULES, unstableInodes: false };
  const run = await prepareRun({
    store,
    source: entry,
    request: { place: store.place, source },
    root: sourceStat(source),
    context,
    notes: [],
  });
  run.kind = 'safety';
  run.only = request.paths;
  run.previous = null;
  const { id, errors } = await takeSnapshot(run, lock);
  const first = errors[0];
  if (first || id === null) {
    throw new PhlbError(
      'source',
      `What would be overwritten cannot be saved first (${first?.message ?? 'nothing stored'})`,
      {
        path: first?.path ?? source,
        hint: 'nothing was changed',
      },
    );
  }
  return id;
}
