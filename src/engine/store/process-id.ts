/** Who holds a lock: a thread, told exactly where the system allows it, on Linux through /proc, elsewhere by a beacon. */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname, uptime } from 'node:os';
import { errno, passUnforeseen } from '../words/errors.js';
import { isBeaconName, isLit } from './beacon.js';

/** Names one thread of one boot of one host. `null` where the system does not tell. */
export interface ProcessIdentity {
  host: string;
  /** tells machines apart that share a host id, as those that share a home folder do */
  machine: string;
  bootId: string | null;
  pidNamespace: string | null;
  pid: number;
  /** clock ticks after boot */
  startTime: string | null;
  /** as the system numbers threads; missing in locks of older versions, which are those of a process */
  thread?: number | null;
  /** as `startTime` */
  threadStart?: string | null;
  /** name of its beacon; missing in locks of older versions */
  beacon?: string | null;
  /** when it took the lock, ISO 8601 */
  since?: string;
}

export function ownIdentity(host: string, beacon: string | null = null): ProcessIdentity {
  const thread = ownThread();
  return {
    host,
    machine: `${read(() => readFileSync('/etc/machine-id', 'utf8').trim()) ?? ''}/${hostname()}`,
    bootId: read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    pidNamespace: read(() => readlinkSync('/proc/self/ns/pid')),
    pid: process.pid,
    startTime: thread === null ? null : (stateOf(`${process.pid}`)?.startTime ?? null),
    thread,
    threadStart: thread === null ? null : (stateOf(`${process.pid}/task/${thread}`)?.startTime ?? null),
    beacon,
  };
}

/** The number of the thread that asks. `null`: the system does not tell, so it needs a beacon. */
export function ownThread(): number | null {
  const link = read(() => readlinkSync('/proc/thread-self'));
  const [, pid, thread] = /^(\d+)\/task\/(\d+)$/.exec(link ?? '') ?? [];
  // In the /proc of another pid namespace everything has other numbers.
  return Number(pid) === process.pid ? Number(thread) : null;
}

/**
 * Whether that thread still lives. `unknown` when it cannot be seen from here: another host, another pid namespace.
 * Stopped and busy ones live.
 */
export function liveness(holder: ProcessIdentity, own: ProcessIdentity): 'alive' | 'dead' | 'unknown' {
  // The same boot id is the same machine, whatever host ids and names say.
  const sameBoot = holder.bootId !== null && holder.bootId === own.bootId;
  if (sameBoot ? holder.pidNamespace !== own.pidNamespace : differs(holder.pidNamespace, own.pidNamespace)) {
    return 'unknown';
  }
  if (!sameBoot) {
    if (holder.host !== own.host || holder.machine !== own.machine) return 'unknown';
    // This very machine has been restarted since.
    if (differs(holder.bootId, own.bootId)) return 'dead';
  }
  return lives(holder, own, sameBoot) ? 'alive' : 'dead';
}

function differs(a: string | null, b: string | null): boolean {
  return a !== null && b !== null && a !== b;
}

function lives(holder: ProcessIdentity, own: ProcessIdentity, sameBoot: boolean): boolean {
  const lit = isBeaconName(holder.beacon) ? isLit(holder.beacon) : undefined;
  if (lit !== undefined) return lit;
  const seen = holder.startTime !== null && own.startTime !== null ? isRunning(holder) : undefined;
  if (seen !== undefined) return seen;
  return (sameBoot || !isFromBeforeBoot(holder)) && isSignalled(holder.pid);
}

// By numbers and start times, which no other thread shares. `undefined`: its process is not to be seen here.
function isRunning({ pid, startTime, thread, threadStart }: ProcessIdentity): boolean | undefined {
  const process = stateOf(`${pid}`);
  if (!process) return undefined;
  if (process.startTime !== startTime) return false;
  if (!Number.isInteger(thread)) return process.lives;
  const held = stateOf(`${pid}/task/${thread}`);
  return held !== undefined && held.lives && held.startTime === threadStart;
}

// The numbers of its time are other processes' by now. A clock that was set back since makes a lock younger, not older.
function isFromBeforeBoot({ since }: ProcessIdentity): boolean {
  const boot = Date.now() - uptime() * 1000;
  return since !== undefined && Date.parse(since) < boot - 60_000;
}

// Another user's process may be hidden in /proc (hidepid=, proc(5)); then EPERM says that it is there.
function isSignalled(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    passUnforeseen(error);
    return errno(error) !== 'ESRCH';
  }
}

// proc(5): fields 3 and 22 of stat, counted behind the command's name, which may hold anything. A zombie is dead.
function stateOf(task: string): { lives: boolean; startTime: string | null } | undefined {
  const stat = read(() => readFileSync(`/proc/${task}/stat`, 'latin1'));
  if (stat === null) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { lives: fields[0] !== 'Z' && fields[0] !== 'X', startTime: fields[19] ?? null };
}

function read(get: () => string): string | null {
  try {
    return get();
  } catch (error) {
    passUnforeseen(error);
    return null;
  }
}
