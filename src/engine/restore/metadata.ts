/** Modes, owners and times: what of them is to come back here, and setting them. */
import { fchmodSync, fchownSync, type BigIntStats } from 'node:fs';
import { isSameTime, setTimeOfOpen } from '../files/file-times.js';
import type { OwnEntry } from '../files/ways-in.js';
import type { Entry } from '../store/manifest.js';
import { nsToMicros } from '../words/times.js';
import type { TargetCapabilities } from './target-capabilities.js';
import { ifSupported } from './if-supported.js';

const isRoot = process.getuid?.() === 0;

export type Difference = 'none' | 'time' | 'rights';

/** How what is there differs from the entry, as far as the file system can hold it and this user may set it. */
export function compareMetadata(entry: Entry, stat: BigIntStats, capabilities: TargetCapabilities): Difference {
  if (capabilities.modes) {
    if (isRoot && (Number(stat.uid) !== entry.uid || Number(stat.gid) !== entry.gid)) return 'rights';
    if (entry.type !== 'link' && Number(stat.mode & 0o7777n) !== wantedMode(entry)) return 'rights';
  }
  return isSameTime(nsToMicros(stat.mtimeNs), nsToMicros(entry.mtime), capabilities.timeStep) ? 'none' : 'time';
}

/** Whether this user may set mode and time of what that user owns. */
export function maySet(uid: number): boolean {
  return isRoot || process.getuid === undefined || uid === process.getuid();
}

/** Sets what an open file of one's own is to have. */
export function setOnOpen(fd: number, entry: Entry): void {
  if (isRoot) ifSupported(() => fchownSync(fd, entry.uid, entry.gid));
  ifSupported(() => fchmodSync(fd, wantedMode(entry)));
  ifSupported(() => setTimeOfOpen(fd, nsToMicros(entry.mtime)));
}

/** Sets what a file, folder or link is to have. */
export function setOnEntry(own: OwnEntry, entry: Entry): void {
  if (isRoot) ifSupported(() => own.chown(entry.uid, entry.gid));
  // After the owner: a new owner takes setuid and setgid away.
  if (entry.type !== 'link') ifSupported(() => own.chmod(wantedMode(entry)));
  ifSupported(() => own.setTime(nsToMicros(entry.mtime)));
}

// setuid and setgid only for the owner whom they were meant for.
function wantedMode({ mode, uid }: Entry): number {
  return isRoot || uid === process.getuid?.() ? mode : mode & 0o1777;
}
