/**
 * Copying snapshots off this machine: one restic snapshot a tree, the lists with manifests and records first, so that a
 * tree that is there can always be known. PHLB's lock is not held: published trees do not change, and one that is deleted
 * meanwhile is told.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { acquireLock } from '../store/lock.js';
import { snapshotId, type SnapshotName } from '../store/layout.js';
import { openStoreToRead, readStoreFile, type Store } from '../store/root.js';
import { hostId } from '../store/state.js';
import type { Context } from '../threads/context.js';
import { makeFolder } from '../files/make-folder.js';
import { isCancelled } from '../words/call.js';
import { passAllButRefusals, PhlbError } from '../words/errors.js';
import type { PathError } from '../words/model.js';
import { fsPath, nameFromBuffer } from '../words/names.js';
import { phrase } from '../words/phrase.js';
import type { OffsitePushRequest, OffsitePushResult } from './model.js';
import { offsiteFolder, readRemembered, writeRemembered, type Remembered } from './remembered.js';
import { noCopies, readCopies, repositorySize, type Copies, type Copy } from './repository.js';
import { FAILED, isAboutRepository, Restic, SOME_UNREAD } from './restic.js';
import { numberIn, type ResticMessage } from './restic-watch.js';
import { StablePath } from './stable-path.js';
import { hostOf, META_TAG, PHLB_TAG, tagOf } from './tags.js';
import { copyable, named, newestOf, oldestFirst, type Readable } from './wanted.js';

/**
 * Copies what has no copy yet, oldest first. What cannot be copied is in the result's errors, and the rest goes on. A push
 * that was interrupted goes on with what had been sent.
 * @throws PhlbError `usage`, `notFound`; `offsite` where the repository cannot be used; `cancelled`: copies that were made stay
 */
export async function offsitePush(request: OffsitePushRequest, context: Context): Promise<OffsitePushResult> {
  const { location, target, dryRun = false } = request;
  const store = openStoreToRead(location, dryRun);
  const wanted = oldestFirst(request.snapshots.length > 0 ? named(store, request.snapshots) : chosen(store, request));
  const restic = await Restic.open(target, context);
  if (dryRun) {
    const copies = await copiesOf(restic, store);
    const missing = wanted.filter(({ id }) => !copies.trees.has(snapshotId(id)));
    const uploaded = missing.map(({ id }) => ({ id: snapshotId(id), bytesAdded: 0, files: 0, seconds: 0 }));
    const { lastPush } = readRemembered(location.state, store.id, restic.id);
    const skipped = wanted.length - missing.length;
    const pending = missing.length;
    return { repository: restic.shown, uploaded, skipped, pending, lastPush, errors: [], notes: [] };
  }
  return inTurn(store, context, () => new Push(store, restic, context).run(wanted));
}

function chosen(store: Store, { newest }: OffsitePushRequest): Readable[] {
  const all = copyable(store);
  return newest ? newestOf(all) : all;
}

async function copiesOf(restic: Restic, store: Store): Promise<Copies> {
  return (await readCopies(restic)).get(store.id) ?? noCopies();
}

// Of two windows that push at once one waits, and then finds everything there.
async function inTurn<T>(store: Store, context: Context, act: () => Promise<T>): Promise<T> {
  const { state } = store.location;
  const folder = offsiteFolder(state);
  makeFolder(folder);
  const lock = await acquireLock(join(folder, `${store.id}.lock`), hostId(state), {
    cancelled: () => isCancelled(context),
    onWait: detail => context.onProgress({ phase: 'waiting', files: 0, bytes: 0, detail }),
  });
  try {
    return await act();
  } finally {
    await lock.release();
  }
}

class Push {
  private readonly uploaded: OffsitePushResult['uploaded'] = [];
  private readonly errors: PathError[] = [];
  private readonly notes: string[] = [];
  /** bytes that the repository takes more */
  private added = 0;
  private readonly paths: StablePath;
  private remembered: Remembered;

  constructor(
    private readonly store: Store,
    private readonly restic: Restic,
    private readonly context: Context,
  ) {
    this.paths = new StablePath(join(offsiteFolder(store.location.state), store.id));
    this.remembered = readRemembered(store.location.state, store.id, restic.id);
  }

  async run(wanted: readonly Readable[]): Promise<OffsitePushResult> {
    this.context.onProgress({ phase: 'asking', files: 0, bytes: 0 });
    const copies = await copiesOf(this.restic, this.store);
    const missing = wanted.filter(({ id }) => !copies.trees.has(snapshotId(id)));
    const mark = metaMark(this.store);
    const isMetaNew = mark !== this.remembered.meta || copies.metas.length === 0;
    const isDone = (missing.length === 0 && !isMetaNew) || (await this.send(missing, copies, mark));
    const there = [...copies.trees.keys()];
    if (isDone) this.remember({ copies: there, lastPush: new Date().toISOString(), isPushing: false });
    else this.remember({ copies: there });
    // What was deleted meanwhile waits for nothing.
    const waits = ({ id }: Readable): boolean =>
      !copies.trees.has(snapshotId(id)) && existsSync(this.store.layout.tree(id));
    const pending = wanted.filter(waits).length;
    return {
      repository: this.restic.shown,
      uploaded: this.uploaded,
      skipped: wanted.length - missing.length,
      pending,
      lastPush: this.remembered.lastPush,
      errors: this.errors,
      notes: this.notes,
    };
  }

  /** @returns whether it came to its end; else the errors say what of the repository was in its way */
  private async send(missing: readonly Readable[], copies: Copies, mark: string): Promise<boolean> {
    if (this.remembered.isPushing) await this.goOn();
    this.remember({ isPushing: true });
    try {
      await this.sendMeta(copies);
      this.remember({ meta: mark });
      for (const [at, snapshot] of missing.entries()) {
        const copy = await this.sendTree(snapshot, copies, phrase`${at + 1} of ${missing.length}`);
        if (copy) copies.trees.set(snapshotId(snapshot.id), copy);
      }
    } catch (error) {
      if (!isAboutRepository(error)) throw error;
      this.errors.push({ path: this.restic.shown, code: error.code, message: error.message });
      return false;
    }
    const { bytes } = this.remembered;
    this.remember({ bytes: bytes === null ? await repositorySize(this.restic) : bytes + this.added });
    return true;
  }

  // What an interrupted push has sent is in no list of restic's, and would be sent again.
  private async goOn(): Promise<void> {
    try {
      await this.restic.run(['repair', 'index', '--json'], { long: true });
    } catch (error) {
      // Of a repository that only takes, or that another machine pushes to: then it is sent again.
      if (!isAboutRepository(error)) throw error;
      this.notes.push(`What an interrupted push had sent cannot be used again: ${error.message}`);
    }
  }

  private async sendMeta(copies: Copies): Promise<void> {
    const { home } = this.store.layout;
    const [newest] = copies.metas;
    const { cwd, env } = this.paths.to('.phlb', home);
    const parent = newest ? ['--parent', newest.restic] : [];
    const tags = `${PHLB_TAG},${META_TAG}`;
    const names = ['store.json', 'manifests'].filter(name => existsSync(join(home, name)));
    const sent = new Sent();
    await this.restic.run(['backup', ...names, ...this.always(tags), ...parent], {
      ...{ cwd, env, long: true, accepts: [SOME_UNREAD] },
      onMessage: message => sent.take(message),
    });
    this.added += sent.added;
  }

  private always(tags: string): string[] {
    return ['--json', '--no-scan', '--ignore-ctime', '--host', hostOf(this.store.id), '--tag', tags];
  }

  /** @returns its copy; `undefined`: there is none, and the errors say why */
  private async sendTree(
    { id, record }: Readable,
    copies: Copies,
    detail: ReturnType<typeof phrase>,
  ): Promise<Copy | undefined> {
    if (isCancelled(this.context)) throw PhlbError.cancelled();
    const name = snapshotId(id);
    const tree = this.store.layout.tree(id);
    const content = contentOf(tree);
    if (content === 'gone') {
      this.errors.push(gone(name));
      return undefined;
    }
    // restic refuses to copy nothing at all: then the record stands for it.
    const from = content === 'empty' ? join(this.store.layout.manifests, id.name) : tree;
    const what = content === 'empty' ? `${id.stamp}.json` : '.';
    const { cwd, env } = this.paths.to(id.name, from);
    const parent = this.parentOf(id, copies);
    const sent = new Sent();
    const end = await this.restic.run(
      [
        ...['backup', what, ...this.always(`${PHLB_TAG},${tagOf(id)}`)],
        ...['--time', resticTime(new Date(record.startedAt))],
        ...(parent ? ['--parent', parent.restic] : ['--force']),
      ],
      {
        ...{ cwd, env, long: true, accepts: [SOME_UNREAD, FAILED] },
        onMessage: message => {
          const hasMoved = sent.take(message);
          const { files: totalFiles, bytes: totalBytes } = record.counts;
          const { files, bytes } = sent;
          this.context.onProgress({ phase: 'sending', files, bytes, totalFiles, totalBytes, detail });
          return hasMoved;
        },
      },
    );
    if (contentOf(tree) === 'gone') {
      await this.takeBack(sent.snapshot, name);
      this.errors.push(gone(name));
      return undefined;
    }
    if (sent.snapshot === undefined) throw this.restic.failure(end);
    // One that has come to a good end may have complained of a server on the way.
    for (const { message, item } of end.status === 0 ? [] : end.complaints) {
      this.errors.push({ path: item === '' ? name : `${name}/${this.paths.below(item)}`, code: 'offsite', message });
    }
    this.added += sent.added;
    this.uploaded.push({ id: name, bytesAdded: sent.added, files: sent.files, seconds: sent.seconds });
    const made = new Date().toISOString();
    return { restic: sent.snapshot, id, time: record.startedAt, made };
  }

  // The last copy before it, of its source; else any of that source. Without one nothing counts as unchanged.
  private parentOf({ name, stamp }: SnapshotName, copies: Copies): Copy | undefined {
    const own = [...copies.trees.values()].filter(copy => copy.id.name === name);
    return own.findLast(copy => copy.id.stamp < stamp) ?? own.at(-1);
  }

  private async takeBack(snapshot: string | undefined, name: string): Promise<void> {
    if (snapshot === undefined) return;
    try {
      await this.restic.run(['forget', snapshot]);
      // A repository that only takes says nothing of what it has not deleted.
      const { status } = await this.restic.run(['cat', 'snapshot', snapshot], { accepts: [FAILED] });
      if (status !== FAILED)
        this.notes.push(`A copy of a part of ${name} stays in the repository, which deletes nothing`);
    } catch (error) {
      if (!isAboutRepository(error)) throw error;
      this.notes.push(`A copy of a part of ${name} stays in the repository: ${error.message}`);
    }
  }

  private remember(what: Partial<Remembered>): void {
    this.remembered = { ...this.remembered, ...what };
    writeRemembered(this.store.location.state, this.store.id, this.restic.id, this.remembered);
  }
}

/** What restic tells while it sends. */
class Sent {
  files = 0;
  bytes = 0;
  added = 0;
  seconds = 0;
  /** restic's id, once it is done */
  snapshot: string | undefined;

  /** @returns whether something has moved on */
  take(message: ResticMessage): boolean {
    if (message['message_type'] === 'summary') {
      this.files = numberIn(message, 'total_files_processed');
      this.bytes = numberIn(message, 'total_bytes_processed');
      this.added = numberIn(message, 'data_added_packed') || numberIn(message, 'data_added');
      this.seconds = Math.round(numberIn(message, 'total_duration') * 1000) / 1000;
      const id = message['snapshot_id'];
      if (typeof id === 'string' && /^[0-9a-f]{64}$/.test(id)) this.snapshot = id;
      return true;
    }
    const [files, bytes] = [numberIn(message, 'files_done'), numberIn(message, 'bytes_done')];
    const hasMoved = files !== this.files || bytes !== this.bytes;
    [this.files, this.bytes] = [files, bytes];
    return hasMoved;
  }
}

function contentOf(tree: string): 'some' | 'empty' | 'gone' {
  try {
    return readdirSync(tree).length > 0 ? 'some' : 'empty';
  } catch (error) {
    passAllButRefusals(error);
    return 'gone';
  }
}

function gone(path: string): PathError {
  return { path, code: 'ENOENT', message: 'It was deleted meanwhile, so it was not copied' };
}

// `2026-11-29 06:00:00` in the time zone that restic has: UTC, but on Windows always the system's own.
function resticTime(date: Date): string {
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return (process.platform === 'win32' ? local : date).toISOString().slice(0, 19).replace('T', ' ');
}

/** Tells whether anything of the lists has changed: labels, pins, snapshots that came or went. */
function metaMark({ layout }: Store): string {
  const hash = createHash('sha256').update(JSON.stringify(readStoreFile(layout)));
  const names = readdirSync(layout.manifests, { encoding: 'buffer' }).map(nameFromBuffer).sort();
  for (const name of names) {
    const folder = join(layout.manifests, name);
    for (const file of readdirSync(fsPath(folder)).sort()) {
      const { size, mtimeMs } = statSync(join(folder, file));
      hash.update(`${name}/${file} ${size} ${mtimeMs}\n`);
    }
  }
  return hash.digest('hex');
}
