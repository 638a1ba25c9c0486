/**
 * Comparing stored trees with their manifests, and contents with their hashes: first all of it without the lock, then
 * what seemed wrong once more under it (`recheck.ts`), and, if asked, what heals it (`heal.ts`).
 */
import { recheck, tellDamage, withLockIfWritable, type Damage } from './recheck.js';
import { afterwards } from '../files/afterwards.js';
import type { Context } from '../threads/context.js';
import { isCancelled } from '../words/call.js';
import { PhlbError } from '../words/errors.js';
import { allSnapshots, stands } from '../store/all-snapshots.js';
import { hashInodes, SeenInodes, inspectSnapshot, type StoredInode } from './inspect.js';
import { heal } from './heal.js';
import { healTimes } from './heal-times.js';
import type { VerifyRequest, VerifyResult } from '../words/model.js';
import { compareNames } from '../words/names.js';
import { commandLineHint, phrase } from '../words/phrase.js';
import { findSnapshot } from '../store/open-snapshot.js';
import { probe } from '../store/capabilities.js';
import { readDamage, renewDamage } from '../store/damage.js';
import { snapshotId } from '../store/layout.js';
import type { StoreLock } from '../store/lock.js';
import type { StoredSnapshot } from '../store/record.js';
import { openStoreToRead, openStore, type Store } from '../store/root.js';
import { withLock } from '../store/with-lock.js';

const PROGRESS_MS = 100;

/**
 * Checks snapshots. Each inode is hashed once, however many snapshots share it; `quick` compares sizes, times and
 * presence only. A snapshot that is removed meanwhile is left out. Damaged contents are marked, so that no run links
 * them again.
 * @throws PhlbError `usage`, `notFound`, `unreachable`, `cancelled`; `store` when healing cannot write
 */
export async function verify(request: VerifyRequest, context: Context): Promise<VerifyResult> {
  const { quick = false, heal: heals = false } = request;
  if (quick && heals) {
    throw new PhlbError('usage', phrase`A quick verify is not enough to heal`, {
      hint: commandLineHint('wholeHashes'),
    });
  }
  const store = heals ? openStore(request.location) : openStoreToRead(request.location);
  const verification = new Verification(store, choose(store, request.snapshots), request, context);
  await verification.inspectAll();
  return verification.conclude();
}

// Each once, however often it is named.
function choose(store: Store, names: readonly string[]): StoredSnapshot[] {
  if (names.length === 0) return allSnapshots(store);
  const chosen = names.map(name => findSnapshot(store, name));
  return [...new Map(chosen.map(snapshot => [snapshotId(snapshot.id), snapshot])).values()];
}

class Verification {
  private readonly quick: boolean;
  private readonly table = new SeenInodes();
  private readonly files = new Map<StoredSnapshot, number>();
  private readonly odd: StoredSnapshot[] = [];
  private readonly untimely = new Map<string, string[]>();
  private bad: StoredInode[] = [];
  /** by inode, of those whose times are wrong and whose contents are right: ctime (ns) when that was seen */
  private readonly sound = new Map<string, bigint>();
  private bytes = 0;
  private lastProgress = 0;

  constructor(
    private readonly store: Store,
    private readonly asked: readonly StoredSnapshot[],
    private readonly request: VerifyRequest,
    private readonly context: Context,
  ) {
    this.quick = request.quick ?? false;
  }

  async inspectAll(): Promise<void> {
    const expected = this.asked.reduce((sum, { record }) => sum + (record?.counts.files ?? 0), 0);
    let looked = 0;
    for (const snapshot of this.asked) {
      if (isCancelled(this.context)) throw PhlbError.cancelled();
      looked += await this.inspect(snapshot);
      this.report(looked, 0, this.quick ? { totalFiles: expected } : {});
    }
    await this.hash();
  }

  async conclude(): Promise<VerifyResult> {
    const { quick, store, context } = this;
    const suspicious = this.odd.length > 0 || this.bad.length > 0;
    const marked = !quick && readDamage(store.layout).length > 0;
    const untidy = this.request.heal === true && this.untimely.size > 0;
    if (!suspicious && !marked && !untidy) return this.result([], [], []);
    if (this.request.heal) return withLock(store, context, (lock, notes) => this.settle(lock, notes));
    return withLockIfWritable(store, context, (lock, notes) => this.settle(lock, notes));
  }

  // Under the lock, if there is one.
  private async settle(lock: StoreLock | null, notes: string[]): Promise<VerifyResult> {
    const { store, context, quick } = this;
    const heals = this.request.heal === true;
    const scope = heals ? allSnapshots(store) : this.asked.filter(snapshot => stands(store, snapshot));
    // Where nothing can be linked, times tell nothing, and most such file systems keep them coarsely.
    const times = !lock || probe(store.layout.partial).hardlinks;
    const suspects = { odd: this.odd, inodes: this.bad, scope };
    const { damage, marks } = await recheck(store, suspects, { quick, times }, context);
    const complete = this.request.snapshots.length === 0 && !damage.some(({ path }) => path === '');
    const checked = this.table.list.map(({ inode }) => inode);
    if (lock && !quick) renewDamage(store.layout, { checked, complete, found: marks });
    if (!heals || !lock) return this.result(damage, [], notes);
    const late = await healTimes({ store, lock, damage, sound: this.sound }, context);
    const other = damage.filter(({ problem }) => problem !== 'time');
    const healed = await heal(
      { store, lock, damage: other, asked: this.asked, untimely: this.untimely, notes },
      context,
    );
    const left = marks.filter(({ inode }) => !healed.inodes.has(inode));
    await afterwards(notes, 'What was healed is still marked as damaged', () =>
      renewDamage(store.layout, { checked, complete, found: left }),
    );
    return this.result([...damage, ...healed.more], [...healed.done, ...late], notes);
  }

  private async inspect(snapshot: StoredSnapshot): Promise<number> {
    const { store, quick, context } = this;
    const inspection = await inspectSnapshot(store, snapshot, { quick, times: true, once: true }, context);
    if (!snapshot.record || !inspection || inspection.problems.length > 0) this.odd.push(snapshot);
    if (!inspection) return 0;
    if (inspection.untimely.length > 0) this.untimely.set(snapshotId(snapshot.id), inspection.untimely);
    for (const file of inspection.stored) this.table.add(store.layout.tree(snapshot.id), file);
    this.files.set(snapshot, inspection.files);
    return inspection.files;
  }

  private async hash(): Promise<void> {
    const { list } = this.table;
    const totals = { totalFiles: list.length, totalBytes: list.reduce((sum, { size }) => sum + size, 0) };
    let hashed = 0;
    const bad = await hashInodes(list, this.context, ({ size }) => {
      this.bytes += size;
      this.report(++hashed, this.bytes, totals);
    });
    this.bad = bad.map(({ inode }) => inode);
    const wrong = new Set(this.bad);
    for (const one of list) if (one.untimely !== undefined && !wrong.has(one)) this.sound.set(one.key, one.untimely);
  }

  private result(damage: readonly Damage[], healed: readonly Damage[], notes: string[]): VerifyResult {
    const standing = this.asked.filter(snapshot => stands(this.store, snapshot));
    return {
      snapshots: standing.length,
      filesChecked: standing.reduce((sum, snapshot) => sum + (this.files.get(snapshot) ?? 0), 0),
      bytesChecked: this.bytes,
      damaged: damage.map(tellDamage).sort(byName),
      healed: healed
        .map(tellDamage)
        .sort(byName)
        .map(({ snapshot, path }) => ({ snapshot, path })),
      notes,
    };
  }

  private report(files: number, bytes: number, totals: { totalFiles?: number; totalBytes?: number }): void {
    const now = performance.now();
    if (now - this.lastProgress < PROGRESS_MS) return;
    this.lastProgress = now;
    this.context.onProgress({ phase: 'verifying', files, bytes, ...totals });
  }
}

function byName(a: { snapshot: string; path: string }, b: { snapshot: string; path: string }): number {
  return compareNames(a.snapshot, b.snapshot) || compareNames(a.path, b.path);
}
