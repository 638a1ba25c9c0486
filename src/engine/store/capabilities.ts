/** What the root's file system can do, found out by trying. */
import { linkSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Capabilities {
  hardlinks: boolean;
  symlinks: boolean;
  /** the file system's clock, nanoseconds since 1970: what file times can be compared with */
  now: bigint;
}

/** Tries in `folder`, which must be one of PHLB's own. @throws the system's error when it cannot be written at all */
export function probe(folder: string): Capabilities {
  const file = join(folder, 'probe');
  const link = join(folder, 'probe-link');
  const symlink = join(folder, 'probe-symlink');
  writeFileSync(file, '');
  try {
    const stat = statSync(file, { bigint: true });
    const hardlinks = works(() => linkSync(file, link)) && statSync(link, { bigint: true }).ino === stat.ino;
    return { hardlinks, symlinks: works(() => symlinkSync('target', symlink)), now: stat.mtimeNs };
  } finally {
    for (const path of [file, link, symlink]) rmSync(path, { force: true });
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
