/**
 * Everything back from a repository: lists first, then tree by tree, the newest first. Of each tree only the contents come
 * that are not here yet; all other names become links by the manifest's hashes, and it is published as every snapshot is.
 */
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { restore } from '../restore/restore.js';
import { remove } from '../files/remove.js';
import { isFull } from '../files/store-error.js';
import { probe } from '../store/capabilities.js';
import { readManifest } from '../store/manifest-file.js';
import { Layout, parseSnapshotName, snapshotId } from '../store/layout.js';
import { publish, settle } from '../store/publish.js';
import { openOrFoundAs, readStoreFile, updateStoreFile, type Store, type StoreFile } from '../store/root.js';
import { withLock } from '../store/with-lock.js';
import type { Context } from '../threads/context.js';
import { isCancelled } from '../words/call.js';
import { PhlbError } from '../words/errors.js';
import { compareNames } from '../words/names.js';
import { commandLineHint, phrase, type Phrase } from '../words/phrase.js';
import { FetchedLists, type KnownSnapshot } from './lists.js';
import { LocalContents } from './local-contents.js';
import type { OffsiteRecoverRequest, OffsiteRecoverResult } from './model.js';
import { RecoveredTree } from './recovered-tree.js';
import { readCopies, sourcesOf, type Copies, type Copy } from './repository.js';
import { Restic } from './restic.js';

/**
 * Recovers what does not stand here yet. Interrupted, it can be called again. A file that the repository has lost is named,
 * and the rest of its snapshot comes back.
 * @throws PhlbError `usage`, also where other backups stand at the location; `notFound`; `offsite`, `store`, `lockLost`;
 *   `cancelled`: what was published stays
 */
export async function offsiteRecover(request: OffsiteRecoverRequest, context: Context): Promise<OffsiteRecoverResult> {
  const { location, target } = request;
  const restic = await Restic.open(target, context);
  context.onProgress({ phase: 'asking', files: 0, bytes: 0 });
  const { id, copies } = chooseStore(await readCopies(restic), request);
  const wanted = chooseCopies(copies, request);
  return FetchedLists.with(restic, copies, location.state, async lists => {
    const file = await lists.storeFile();
    if (file?.id !== id) {
      throw new PhlbError('offsite', phrase`The repository does not hold the list of sources`, { path: restic.shown });
    }
    const store = openOrFoundAs(location, file);
    return new Recovery(store, restic, lists, context).run(wanted, file, request.to);
  });
}

function chooseStore(
  stores: ReadonlyMap<string, Copies>,
  { location, store }: OffsiteRecoverRequest,
): { id: string; copies: Copies } {
  const here = readStoreFile(new Layout(location.root))?.id;
  const [only, ...others] = stores.keys();
  const id = store ?? (here !== undefined && stores.has(here) ? here : only);
  const copies = id === undefined ? undefined : stores.get(id);
  if (id === undefined || !copies) {
    throw new PhlbError('notFound', phrase`There are no copies of PHLB's snapshots in this repository`);
  }
  if (store === undefined && id === only && others.length > 0 && here !== id) {
    const known = [...stores].map(([one, of]) => `${one} (${sourcesOf(of).join(', ')})`);
    throw new PhlbError('usage', phrase`The repository holds copies of several backup locations: ${known.join('; ')}`, {
      hint: commandLineHint('offsiteStore'),
    });
  }
  return { id, copies };
}

function chooseCopies({ trees }: Copies, { location, snapshot }: OffsiteRecoverRequest): Copy[] {
  const all = [...trees.values()].sort(
    (a, b) => compareNames(b.time, a.time) || compareNames(snapshotId(b.id), snapshotId(a.id)),
  );
  if (snapshot === undefined) return all;
  const { name, stamp } = parseSnapshotName(new Layout(location.root), snapshot);
  const found = all.find(({ id }) => id.name === name && (stamp === 'latest' || id.stamp === stamp));
  if (found) return [found];
  throw new PhlbError('notFound', phrase`There is no copy of ${snapshot}`, {
    hint: commandLineHint('offsiteStatus'),
  });
}

class Recovery {
  private readonly ids: string[] = [];
  private readonly errors: OffsiteRecoverResult['errors'] = [];
  private readonly notes: string[] = [];
  private fetchedBytes = 0;
  private linkedFiles = 0;
  private restored: OffsiteRecoverResult['restored'] = null;

  constructor(
    private readonly store: Store,
    private readonly restic: Restic,
    private readonly lists: FetchedLists,
    private readonly context: Context,
  ) {}

  async run(copies: readonly Copy[], file: StoreFile, to: string | undefined): Promise<OffsiteRecoverResult> {
    const local = await LocalContents.of(this.store);
    let skipped = 0;
    let isFirst = true;
    for (const [at, copy] of copies.entries()) {
      if (isCancelled(this.context)) throw PhlbError.cancelled();
      let stands = existsSync(this.store.layout.tree(copy.id));
      if (stands) skipped++;
      else stands = await this.recover(copy, local, file, phrase`${at + 1} of ${copies.length}`);
      if (stands && isFirst && to !== undefined) await this.bringTo(to, copy);
      isFirst &&= !stands;
    }
    const { ids, errors, notes, fetchedBytes, linkedFiles, restored } = this;
    return {
      repository: this.restic.shown,
      ...{ snapshots: ids.length, ids, skipped, fetchedBytes, linkedFiles, errors, restored, notes },
    };
  }

  /** @returns whether it stands now; else the errors say why not */
  private async recover(copy: Copy, local: LocalContents, file: StoreFile, detail: Phrase): Promise<boolean> {
    const name = snapshotId(copy.id);
    const known = await this.lists.find(copy.id);
    if (!known) {
      this.errors.push({ path: name, code: 'offsite', message: 'The repository holds no record of it' });
      return false;
    }
    try {
      await this.bringBack(copy, known, local, file, detail);
      return true;
    } catch (error) {
      if (!PhlbError.is(error, 'damaged')) throw error;
      this.errors.push({ path: name, code: error.code, message: error.message });
      return false;
    }
  }

  private async bringBack(
    copy: Copy,
    known: KnownSnapshot,
    local: LocalContents,
    file: StoreFile,
    detail: Phrase,
  ): Promise<void> {
    const { store, context } = this;
    const name = snapshotId(copy.id);
    await withLock(store, context, async (lock, notes) => {
      const capabilities = probe(store.layout.partial);
      addSources(store, file);
      // The name of a copy that is fetched again, if this ends half-way: restic then goes on with what is there.
      const folder = join(store.layout.partial, `recover-${copy.restic.slice(0, 16)}`);
      const partial = { folder, tree: join(folder, 'tree'), manifest: join(folder, 'manifest.mtree.gz') };
      try {
        const manifest = await readManifest(known.manifest);
        const tree = new RecoveredTree(store, capabilities, partial, local, context);
        await tree.fill(manifest, copy, this.restic, detail);
        copyFileSync(known.manifest, partial.manifest);
        if (existsSync(known.note)) copyFileSync(known.note, store.layout.restoreNote(copy.id));
        const call = { flushes: true, cancelled: () => isCancelled(context) };
        // Whatever name the record gives itself: it belongs to the folder of its copy.
        const record = { ...known.record, name: copy.id.name };
        await publish(store.layout, lock, partial, record, call, copy.id);
        tree.published(store.layout.tree(copy.id));
        this.errors.push(...tree.errors.map(error => ({ ...error, path: `${name}/${error.path}` })));
        this.fetchedBytes += tree.fetchedBytes;
        this.linkedFiles += tree.linkedFiles;
        this.ids.push(name);
        await settle(store.layout, partial, copy.id, true, notes);
      } catch (error) {
        // Else the next try goes on with what has come.
        if (isFull(error) || PhlbError.is(error, 'damaged')) remove(folder);
        if (!existsSync(store.layout.tree(copy.id))) remove(store.layout.restoreNote(copy.id));
        throw error;
      }
      this.notes.push(...notes);
      return { notes: this.notes };
    });
  }

  private async bringTo(to: string, { id }: Copy): Promise<void> {
    const { location } = this.store;
    this.restored = await restore({ location, snapshot: snapshotId(id), paths: [], to }, this.context);
  }
}

// A location that had some of them before may not know them all.
function addSources(store: Store, file: StoreFile): void {
  const known = new Set(readStoreFile(store.layout)?.sources.map(({ name }) => name));
  const missing = file.sources.filter(({ name }) => !known.has(name));
  if (missing.length > 0) updateStoreFile(store.layout, all => void all.sources.push(...missing));
}
