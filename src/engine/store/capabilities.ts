/** What the root's file system can do, found out by trying. */
import { chmodSync, existsSync, linkSync, mkdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Capabilities {
  hardlinks: boolean;
  symlinks: boolean;
  /** files keep the mode bits that they are given */
  modes: boolean;
  /** the file system's clock, nanoseconds since 1970: what file times can be compared with */
  now: bigint;
}

/** What is taken for granted where nothing may be written to find it out. */
export const UNTRIED: Capabilities = { hardlinks: true, symlinks: true, modes: true, now: 0n };

/** Tries in `folder`, which must be one of PHLB's own and is made if it is missing. @throws the system's error when it cannot be written at all */
export function probe(folder: string): Capabilities {
  const file = join(folder, 'probe');
  const link = join(folder, 'probe-link');
  const symlink = join(folder, 'probe-symlink');
  const tidy = (): void => [file, link, symlink].forEach(path => rmSync(path, { force: true }));
  // Not with its parents: where the store has gone, its folders must not be made again.
  if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
  // A run that died here has left them, and then nothing could be linked to those names.
  tidy();
  try {
    writeFileSync(file, '');
    const stat = statSync(file, { bigint: true });
    const hardlinks = works(() => linkSync(file, link)) && statSync(link, { bigint: true }).ino === stat.ino;
    const modes = works(() => chmodSync(file, 0o440)) && (statSync(file).mode & 0o777) === 0o440;
    return { hardlinks, symlinks: works(() => symlinkSync('target', symlink)), modes, now: stat.mtimeNs };
  } finally {
    tidy();
  }
}

function works(attempt: () => void): boolean {
  try {
    attempt();
    return true;
  } catch {
    return false;
  }
}
