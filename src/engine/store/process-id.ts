/** Who holds a lock, told exactly where the system allows it: on Linux through /proc, on Windows by a beacon. */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { errno } from '../errors.js';
import { isBeaconName, isLit } from './beacon.js';

/** Names one process of one boot of one host. `null` where the system does not tell. */
export interface ProcessIdentity {
  host: string;
  /** tells machines apart that share a host id, as those that share a home folder do */
  machine: string;
  bootId: string | null;
  pidNamespace: string | null;
  pid: number;
  /** clock ticks after boot */
  startTime: string | null;
  /** name of its beacon; missing in locks of older versions */
  beacon?: string | null;
}

export function ownIdentity(host: string, beacon: string | null = null): ProcessIdentity {
  return {
    host,
    machine: `${read(() => readFileSync('/etc/machine-id', 'utf8').trim()) ?? ''}/${hostname()}`,
    bootId: read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    pidNamespace: read(() => readlinkSync('/proc/self/ns/pid')),
    pid: process.pid,
    startTime: startTimeOf(process.pid),
    beacon,
  };
}

/**
 * Whether that process still lives. `unknown` when it cannot be seen from here: another host, another pid namespace.
 * Stopped and busy processes live.
 */
export function liveness(holder: ProcessIdentity, own: ProcessIdentity): 'alive' | 'dead' | 'unknown' {
  // The same boot id is the same machine, whatever host ids and names say.
  if (holder.bootId !== null && holder.bootId === own.bootId) {
    if (holder.pidNamespace !== own.pidNamespace) return 'unknown';
    const startTime = startTimeOf(holder.pid);
    return startTime !== null && startTime === holder.startTime ? 'alive' : 'dead';
  }
  if (holder.host !== own.host || holder.machine !== own.machine) return 'unknown';
  // This very machine has been started anew since.
  if (holder.bootId !== null && own.bootId !== null) return 'dead';
  if (isBeaconName(holder.beacon)) return isLit(holder.beacon) ? 'alive' : 'dead';
  try {
    process.kill(holder.pid, 0);
    return 'alive';
  } catch (error) {
    return errno(error) === 'ESRCH' ? 'dead' : 'alive';
  }
}

// proc(5): field 22 of stat, counted behind the command's name, which may hold anything. A zombie is dead.
function startTimeOf(pid: number): string | null {
  const stat = read(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields === undefined || fields[0] === 'Z' || fields[0] === 'X' ? null : (fields[19] ?? null);
}

function read(get: () => string): string | null {
  try {
    return get();
  } catch {
    return null;
  }
}
