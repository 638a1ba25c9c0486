// A file of its own: loading `child_process` takes a thread of the pool as long as scanning a hundred folders.
import { spawnSync } from 'node:child_process';

/** Flushes the whole file system that holds `path` with one `syncfs(2)`. Returns false where there is no such call. */
export function syncFileSystem(path: string): boolean {
  if (process.platform !== 'linux') return false;
  return spawnSync('sync', ['-f', '--', path], { stdio: 'ignore' }).status === 0;
}
