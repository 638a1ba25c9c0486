/**
 * The store's lock: one writer at a time, over threads, processes and hosts.
 *
 * The lock is a file that appears whole (written under a private name, then linked) or, without hardlinks, a folder
 * renamed into place. It names its holder. A holder that is dead, or of another host and silent for ten minutes, is
 * removed by whoever first puts a takeover file named after the holder's token: that file makes the removal exclusive,
 * so that no second waiter can remove the lock of the first. A takeover file is a lock of its own and dies the same way.
 */
import { randomBytes } from 'node:crypto';
import {
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errno, PhlbError, reason } from '../errors.js';
import { isLinkUnsupported } from './durable.js';
import { liveness, ownIdentity, type ProcessIdentity } from './process-id.js';

interface Holder extends ProcessIdentity {
  token: string;
  since: string;
}

export interface LockOptions {
  cancelled: () => boolean;
  /** told once a second while another one holds the lock */
  onWait?: (detail: string) => void;
  /** told when a dead or silent holder's lock was removed */
  onTakeover?: (detail: string) => void;
  /** ms without a heartbeat after which an invisible holder counts as dead */
  silence?: number;
}

const HEARTBEAT_MS = 30_000;
const SILENCE_MS = 10 * 60_000;
const UNREADABLE_MS = 10_000;
const POLL_MS = 200;

/** A held lock. */
export class StoreLock {
  private readonly heartbeat: NodeJS.Timeout;

  constructor(
    private readonly path: string,
    readonly token: string,
  ) {
    this.heartbeat = setInterval(() => this.beat(), HEARTBEAT_MS);
    this.heartbeat.unref();
  }

  /** @throws PhlbError `lockLost` when the lock is no longer this one; called before publishing and deleting */
  check(): void {
    if (readHolder(this.path)?.token !== this.token) {
      throw new PhlbError('lockLost', 'Another PHLB took the lock of the store over', {
        path: this.path,
        hint: 'nothing was published; try again',
      });
    }
  }

  release(): void {
    clearInterval(this.heartbeat);
    if (readHolder(this.path)?.token === this.token) rmSync(this.path, { recursive: true, force: true });
  }

  private beat(): void {
    try {
      utimesSync(this.path, new Date(), new Date());
    } catch {
      // Lost: `check` will say so before anything is published.
    }
  }
}

/** Waits for the lock. @throws PhlbError `cancelled`, or `store` when the lock cannot be written */
export async function acquireLock(path: string, host: string, options: LockOptions): Promise<StoreLock> {
  const own: Holder = {
    ...ownIdentity(host),
    token: randomBytes(12).toString('hex'),
    since: new Date().toISOString(),
  };
  const watch = new Watch(options.silence ?? SILENCE_MS);
  for (let polls = 0; ; polls++) {
    if (put(path, own)) return new StoreLock(path, own.token);
    if (options.cancelled()) throw new PhlbError('cancelled', 'Cancelled');
    const holder = readHolder(path);
    const verdict = watch.judge(path, holder, own);
    if (verdict === 'dead') {
      if (removeDead(path, holder?.token ?? 'unreadable', own)) options.onTakeover?.(describe(holder));
      else await sleep(POLL_MS);
      continue;
    }
    if (polls % 5 === 0) options.onWait?.(describe(holder));
    await sleep(POLL_MS);
  }
}

/** Judges holders over time, on this process's monotonic clock: other clocks may be set back or differ. */
class Watch {
  private seen = '';
  private since = 0;

  constructor(private readonly silence: number) {}

  judge(path: string, holder: Holder | undefined, own: Holder): 'alive' | 'dead' {
    const state = holder ? liveness(holder, own) : 'unknown';
    if (state !== 'unknown') return state;
    const mark = `${holder?.token}:${modified(path)}`;
    if (mark !== this.seen) {
      this.seen = mark;
      this.since = performance.now();
    }
    const patience = holder ? this.silence : Math.min(UNREADABLE_MS, this.silence);
    return modified(path) !== undefined && performance.now() - this.since > patience ? 'dead' : 'alive';
  }
}

// Removes a dead lock; false when somebody else is about to, or it has changed hands.
function removeDead(path: string, token: string, own: Holder): boolean {
  const takeover = join(dirname(path), `takeover-${token}`);
  const claim: Holder = { ...own, token: randomBytes(12).toString('hex') };
  if (!put(takeover, claim)) {
    const other = readHolder(takeover);
    if (other && liveness(other, own) === 'dead') removeDead(takeover, other.token, own);
    return false;
  }
  try {
    if ((readHolder(path)?.token ?? 'unreadable') !== token) return false;
    rmSync(path, { recursive: true, force: true });
    return true;
  } finally {
    rmSync(takeover, { recursive: true, force: true });
  }
}

// Puts a whole lock in place; false when one stands there.
function put(path: string, holder: Holder): boolean {
  const draft = `${path}.${holder.token}`;
  try {
    writeFileSync(draft, JSON.stringify(holder) + '\n', { mode: 0o600 });
    try {
      linkSync(draft, path);
      return true;
    } catch (error) {
      if (errno(error) === 'EEXIST') return false;
      if (!isLinkUnsupported(error)) throw error;
      return putFolder(path, draft, holder);
    } finally {
      unlinkSync(draft);
    }
  } catch (error) {
    throw new PhlbError('store', `The store cannot be locked (${reason(error)})`, {
      path,
      hint: 'check that the backup location can be written',
      cause: error,
    });
  }
}

// A rename onto a folder that is not empty fails, so the first one wins.
function putFolder(path: string, draft: string, holder: Holder): boolean {
  const folder = `${draft}.d`;
  mkdirSync(folder);
  writeFileSync(join(folder, 'holder.json'), JSON.stringify(holder) + '\n', { mode: 0o600 });
  try {
    renameSync(folder, path);
    return true;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(errno(error) ?? '')) return false;
    throw error;
  }
}

function readHolder(path: string): Holder | undefined {
  for (const file of [path, join(path, 'holder.json')]) {
    try {
      const value = JSON.parse(readFileSync(file, 'utf8')) as Partial<Holder> | null;
      if (typeof value?.token === 'string' && /^[0-9a-f]{1,64}$/.test(value.token) && Number.isInteger(value.pid)) {
        return value as Holder;
      }
    } catch {
      continue;
    }
  }
  return undefined;
}

function modified(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}

function describe(holder: Holder | undefined): string {
  return holder ? `process ${holder.pid} of host ${holder.host}, since ${holder.since}` : 'an unreadable lock';
}
