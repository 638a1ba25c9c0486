/** Retention of copies is their own: by the rules of `prune`, over PHLB's records, and pinned ones stay. */
import { candidate } from '../store/retention-candidate.js';
import { snapshotId } from '../store/layout.js';
import { readSnapshot, type StoredSnapshot } from '../store/record.js';
import { openStoreToRead, type Store } from '../store/root.js';
import type { Context } from '../threads/context.js';
import { PhlbError } from '../words/errors.js';
import type { PathError } from '../words/model.js';
import { commandLineHint, phrase } from '../words/phrase.js';
import { applyRetention } from '../words/retention.js';
import { FetchedLists } from './lists.js';
import type { OffsiteForgetRequest, OffsiteForgetResult } from './model.js';
import { readRemembered, writeRemembered } from './remembered.js';
import { noCopies, readCopies, repositorySize, type Copies, type Copy } from './repository.js';
import { Restic, watched } from './restic.js';

interface Plan {
  kept: OffsiteForgetResult['kept'];
  victims: Copy[];
}

/**
 * Deletes copies that no rule keeps, and what of the repository nothing needs any more. The snapshots here stay.
 * @throws PhlbError `notFound` for a source without copies; `offsite`, also of a repository that only takes; `cancelled`
 */
export async function offsiteForget(request: OffsiteForgetRequest, context: Context): Promise<OffsiteForgetResult> {
  const { location, target, dryRun = false } = request;
  const store = openStoreToRead(location, dryRun);
  const restic = await Restic.open(target, context);
  const copies = (await readCopies(restic)).get(store.id) ?? noCopies();
  const { kept, victims } = await FetchedLists.with(restic, copies, location.state, lists =>
    request.snapshots ? these(copies, request.snapshots) : byRules(store, copies, request, lists),
  );
  const ids = victims.map(({ id }) => snapshotId(id)).toSorted();
  const result: OffsiteForgetResult = {
    ...{ repository: restic.shown, kept, deleted: ids, freedBytes: 0, errors: [], notes: [] },
  };
  if (dryRun || victims.length === 0) return result;
  const before = await repositorySize(restic);
  context.onProgress({ phase: 'deleting', files: 0, bytes: 0 });
  const superfluous = await superfluousLists(restic, copies, victims, location.state);
  for (const some of inParts([...victims.map(copy => copy.restic), ...superfluous])) {
    await restic.run(['forget', '--json', ...some], { ...watched() });
  }
  // A repository that only takes says nothing of what it has not deleted.
  const left = (await readCopies(restic)).get(store.id) ?? noCopies();
  result.deleted = ids.filter(id => !left.trees.has(id));
  result.errors = ids.filter(id => left.trees.has(id)).map(notDeleted);
  if (result.deleted.length > 0) await restic.run(['prune', '--json'], { ...watched() });
  const bytes = await repositorySize(restic);
  const known = readRemembered(location.state, store.id, restic.id);
  writeRemembered(location.state, store.id, restic.id, { ...known, copies: [...left.trees.keys()], bytes });
  return { ...result, freedBytes: before !== null && bytes !== null ? Math.max(0, before - bytes) : 0 };
}

function notDeleted(path: string): PathError {
  return { path, code: 'offsite', message: 'The repository has not deleted it: perhaps it only takes' };
}

function these(copies: Copies, ids: readonly string[]): Promise<Plan> {
  return Promise.resolve({ kept: [], victims: ids.flatMap(id => copies.trees.get(id) ?? []) });
}

async function byRules(
  store: Store,
  copies: Copies,
  { name, rules }: OffsiteForgetRequest,
  lists: FetchedLists,
): Promise<Plan> {
  const sources = new Map<string, Copy[]>();
  for (const copy of copies.trees.values()) sources.set(copy.id.name, [...(sources.get(copy.id.name) ?? []), copy]);
  if (name !== undefined && !sources.has(name)) {
    throw new PhlbError('notFound', phrase`There is no copy of ${name}`, { hint: commandLineHint('list') });
  }
  const plan: Plan = { kept: [], victims: [] };
  for (const [source, of] of [...sources].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    if (name !== undefined && source !== name) continue;
    const known = [];
    for (const copy of of) known.push({ ...candidate(await recorded(store, copy, lists)), copy });
    known.sort((a, b) => a.sequence - b.sequence || (a.startedAt < b.startedAt ? -1 : 1));
    for (const { snapshot, goes, reasons } of applyRetention(known, rules, new Date())) {
      if (goes) plan.victims.push(snapshot.copy);
      else plan.kept.push({ id: snapshot.id, reasons });
    }
  }
  return plan;
}

// As it stands here; what was deleted here is known from the lists that were copied with it.
async function recorded(store: Store, { id }: Copy, lists: FetchedLists): Promise<StoredSnapshot> {
  const here = readSnapshot(store.layout, id);
  if (here.record) return here;
  const there = await lists.find(id);
  return there ? { id, record: there.record, problem: undefined } : here;
}

// All but the newest and those that hold the only record of a copy that stays.
async function superfluousLists(
  restic: Restic,
  copies: Copies,
  victims: readonly Copy[],
  state: string,
): Promise<string[]> {
  const going = new Set(victims);
  const staying = [...copies.trees.values()].filter(copy => !going.has(copy));
  return FetchedLists.with(restic, copies, state, async lists => {
    await lists.storeFile();
    for (const { id } of staying) await lists.find(id);
    return copies.metas.map(meta => meta.restic).filter(id => !lists.needed.has(id));
  });
}

// A command line holds no more.
function inParts(ids: readonly string[]): string[][] {
  const parts: string[][] = [];
  for (let at = 0; at < ids.length; at += 500) parts.push(ids.slice(at, at + 500));
  return parts;
}
