/** What the root's file system can do, found out by trying. */
import { chmodSync, existsSync, linkSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errno } from '../words/errors.js';
import { setTime, setTimeOfLink } from '../files/file-times.js';
import { remove } from '../files/remove.js';
import { isDiskError } from '../files/store-error.js';

/** What can be set of an entry once it stands. Some FUSE and network file systems refuse it, to all or to other owners. */
export interface Settable {
  /** files keep the mode bits that they are given */
  modes: boolean;
  /** files and folders can be given times */
  times: boolean;
  /** symlinks, too */
  linkTimes: boolean;
}

export interface Capabilities extends Settable {
  hardlinks: boolean;
  symlinks: boolean;
  /** the file system's clock, nanoseconds since 1970: what file times can be compared with */
  now: bigint;
}

/** Microseconds since 1970: any time but the current one. */
const SOME_TIME = 1e15;

/** Tries in `folder`, which must be one of PHLB's own and is made if it is missing. @throws the system's error when it cannot be written at all */
export function probe(folder: string): Capabilities {
  const file = join(folder, 'probe');
  const link = join(folder, 'probe-link');
  const symlink = join(folder, 'probe-symlink');
  const tidy = (): void => [file, link, symlink].forEach(remove);
  // Not with its parents: where the store has gone, its folders must not be made again.
  if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
  // A run that died here has left them, and then nothing could be linked to those names.
  tidy();
  try {
    writeFileSync(file, '');
    const stat = statSync(file, { bigint: true });
    const hardlinks = works(() => linkSync(file, link)) && statSync(link, { bigint: true }).ino === stat.ino;
    const modes = works(() => chmodSync(file, 0o440)) && (statSync(file).mode & 0o777) === 0o440;
    const times = works(() => setTime(file, SOME_TIME));
    const symlinks = works(() => symlinkSync('target', symlink));
    const linkTimes = symlinks && works(() => setTimeOfLink(symlink, SOME_TIME));
    return { hardlinks, symlinks, modes, times, linkTimes, now: stat.mtimeNs };
  } finally {
    tidy();
  }
}

function works(attempt: () => void): boolean {
  try {
    attempt();
    return true;
  } catch (error) {
    // A disk that is full or failing says nothing of what its file system can do.
    if (errno(error) === undefined || isDiskError(error)) throw error;
    return false;
  }
}
