/**
 * The store's lock: one writer at a time, over threads, processes and hosts.
 *
 * Its holder is a thread: one that died in a living process is dead. The lock is a file that appears whole (written under
 * a private name, then linked) or, without hardlinks, a folder renamed into place. It names its holder. A holder that is dead, or of another host and silent for ten minutes, is
 * removed by whoever first puts a takeover file named after the holder's token: that file makes the removal exclusive,
 * so that no second waiter can remove the lock of the first. A takeover file is a lock of its own and dies the same way.
 */
import { randomBytes } from 'node:crypto';
import { accessSync, constants, lstatSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errno, passAllButRefusals, passUnforeseen, PhlbError, reason, tooManyFiles } from '../words/errors.js';
import { touch } from '../files/file-times.js';
import { phrase, type Phrase } from '../words/phrase.js';
import { lightBeacon, type Beacon } from './beacon.js';
import { giveUpLock, putLock, readLock, removeLock, tokenOf, type Holder, type Lock } from './lock-file.js';
import { liveness, ownIdentity, ownThread } from './process-id.js';
import { remove } from '../files/remove.js';
import { storeHint } from '../files/store-error.js';

export interface LockOptions {
  cancelled: () => boolean;
  /** told once a second while another one holds the lock */
  onWait?: (detail: Phrase) => void;
  /** told when a dead or silent holder's lock was removed */
  onTakeover?: (detail: Phrase) => void;
  /** ms without a heartbeat after which an invisible holder counts as dead */
  silence?: number;
  /** ms on a clock that is never set: this process's own, if none is given */
  now?: () => number;
}

const HEARTBEAT_MS = 30_000;
const SILENCE_MS = 10 * 60_000;
const UNREADABLE_MS = 10_000;
const POLL_MS = 200;
/** A held lock. */
export class StoreLock {
  private readonly heartbeat: NodeJS.Timeout;
  private state: string | undefined;

  constructor(
    private readonly path: string,
    readonly token: string,
    private readonly beacon: Beacon | null,
  ) {
    this.state = stateOf(path);
    this.heartbeat = setInterval(() => this.beat(), HEARTBEAT_MS);
    this.heartbeat.unref();
  }

  /** @throws PhlbError `lockLost` when the lock is no longer this one; called before publishing and deleting */
  check(): void {
    if (tokenOf(readLock(this.path)) !== this.token) {
      throw new PhlbError('lockLost', phrase`Another PHLB has taken over the lock of the backup location`, {
        path: this.path,
        hint: phrase`nothing was published; try again`,
      });
    }
  }

  /** @throws the system's error; the lock is no longer held all the same */
  release(): void {
    clearInterval(this.heartbeat);
    try {
      if (this.isOwn()) removeLock(this.path);
    } catch (error) {
      // Nobody is to wait for it as long as this thread lives.
      giveUpLock(this.path);
      throw error;
    } finally {
      this.beacon?.close();
    }
  }

  private isOwn(): boolean {
    try {
      return tokenOf(readLock(this.path)) === this.token;
    } catch (error) {
      // A thread that can no longer open a file must let go of it all the same: the process may live on for long.
      if (!tooManyFiles(error)) throw error;
      return this.state !== undefined && stateOf(this.path) === this.state;
    }
  }

  private beat(): void {
    try {
      touch(this.path);
      this.state = stateOf(this.path);
    } catch (error) {
      passUnforeseen(error);
      // Lost: `check` will say so before anything is published.
    }
  }
}

/** Waits for the lock. @throws PhlbError `cancelled`, or `store` when the lock cannot be written */
export async function acquireLock(path: string, host: string, options: LockOptions): Promise<StoreLock> {
  const beacon = ownThread() === null ? await lightBeacon() : null;
  const own: Holder = {
    ...ownIdentity(host, beacon?.name ?? null),
    token: randomBytes(12).toString('hex'),
    since: new Date().toISOString(),
  };
  try {
    await waitFor(path, own, options);
    removeRemains(path, own);
    return new StoreLock(path, own.token, beacon);
  } catch (error) {
    beacon?.close();
    throw errno(error) === undefined ? error : cannotLock(path, error);
  }
}

async function waitFor(path: string, own: Holder, options: LockOptions): Promise<void> {
  const taker = new Taker(own, options.silence ?? SILENCE_MS, options.now ?? (() => performance.now()));
  for (let polls = 0; ; polls++) {
    // Where another one's lock stands nothing is written: a thread that ends while it waits leaves nothing.
    const lock = readLock(path);
    if (lock === undefined) {
      if (putLock(path, own)) return;
    } else if (polls === 0) checkWritable(path);
    if (options.cancelled()) throw PhlbError.cancelled();
    if (taker.removeDead(path, lock)) {
      options.onTakeover?.(describe(lock));
      continue;
    }
    if (lock !== undefined && polls % 5 === 0) options.onWait?.(describe(lock));
    await sleep(POLL_MS);
  }
}

/** Judges locks over time, on this process's monotonic clock (others may be set back or differ), and removes dead ones. */
class Taker {
  private readonly seen = new Map<string, { mark: string; since: number }>();

  constructor(
    private readonly own: Holder,
    private readonly silence: number,
    private readonly now: () => number,
  ) {}

  /** Whether the lock was dead and this call has removed it. */
  removeDead(path: string, lock: Lock): boolean {
    if (lock === undefined || !this.isDead(path, lock)) return false;
    const takeover = join(dirname(path), `takeover-${tokenOf(lock)}`);
    if (!putLock(takeover, { ...this.own, token: randomBytes(12).toString('hex') })) {
      // Whoever is about to remove it may have died at that, too.
      this.removeDead(takeover, readLock(takeover));
      return false;
    }
    try {
      // The takeover keeps others from removing this lock. Any other one that stands there by now is a living one's.
      if (tokenOf(readLock(path)) !== tokenOf(lock)) return false;
      removeLock(path);
      return true;
    } finally {
      removeLock(takeover);
    }
  }

  private isDead(path: string, lock: Exclude<Lock, undefined>): boolean {
    if (typeof lock === 'object' && lock.released === true) return true;
    const state = typeof lock === 'string' ? 'unknown' : liveness(lock, this.own);
    if (state !== 'unknown') return state === 'dead';
    const mark = `${tokenOf(lock)}:${modified(path)}`;
    const seen = this.seen.get(path);
    if (seen?.mark !== mark) {
      this.seen.set(path, { mark, since: this.now() });
      return false;
    }
    const patience = lock === 'unreadable' ? Math.min(UNREADABLE_MS, this.silence) : this.silence;
    return this.now() - seen.since > patience;
  }
}

// On a read-only disk nobody waits: no lock comes of it.
function checkWritable(path: string): void {
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    throw cannotLock(path, error);
  }
}

function cannotLock(path: string, error: unknown): PhlbError {
  passUnforeseen(error);
  return new PhlbError('store', phrase`The backup location cannot be locked (${reason(error)})`, {
    path,
    hint: storeHint(error),
    cause: error,
  });
}

// What threads that died while they took a lock, took one over or let go of it have left. Only under the lock.
function removeRemains(path: string, own: Holder): void {
  const kinds = String.raw`(${basename(path)}\.[0-9a-f]{24}|takeover-[0-9a-z]{1,64}(\.[0-9a-f]{24})?)(\.d)?`;
  const isRemains = new RegExp(`^${kinds}$`);
  try {
    for (const name of readdirSync(dirname(path)).filter(one => isRemains.test(one))) {
      const file = join(dirname(path), name);
      if (isLeft(file, path, own)) remove(file);
    }
  } catch (error) {
    // They are in nobody's way.
    passAllButRefusals(error);
  }
}

function isLeft(file: string, path: string, own: Holder): boolean {
  const lock = readLock(file);
  if (typeof lock === 'object') return liveness(lock, own) === 'dead';
  // By the clock of the disk, on which the lock has just been written.
  return (modified(file) ?? Infinity) < (modified(path) ?? 0) - SILENCE_MS;
}

// Of one lock from one heartbeat to the next.
function stateOf(path: string): string | undefined {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stat && `${stat.dev} ${stat.ino} ${stat.ctimeNs}`;
}

function modified(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}

function describe(lock: Lock): Phrase {
  return typeof lock === 'object'
    ? phrase`process ${lock.pid} of host ${lock.host}, since ${lock.since}`
    : phrase`an unreadable lock`;
}
