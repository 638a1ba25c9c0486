// A file of its own: loading `child_process` takes a thread of the pool as long as scanning a hundred folders.
import { spawn, spawnSync } from 'node:child_process';
import { errno } from '../words/errors.js';

const CANCEL_MS = 100;

/** Flushes the whole file system that holds `path` with one `syncfs(2)`. Returns false where there is no such call. */
export function syncFileSystem(path: string): boolean {
  if (process.platform !== 'linux') return false;
  return spawnSync('sync', argumentsFor(path), { stdio: 'ignore' }).status === 0;
}

/**
 * The same, while other things go on, which may be a minute. Returns false, too, when it is cancelled: then nobody waits for it
 * any longer.
 */
export function flushFileSystem(path: string, cancelled: () => boolean): Promise<boolean> {
  if (process.platform !== 'linux') return Promise.resolve(false);
  const sync = spawn('sync', argumentsFor(path), { stdio: 'ignore' });
  return new Promise<boolean>((resolve, reject) => {
    const timer = setInterval(() => {
      if (!cancelled()) return;
      sync.kill();
      sync.unref();
      end(false);
    }, CANCEL_MS);
    const end = (isFlushed: boolean): void => {
      clearInterval(timer);
      resolve(isFlushed);
    };
    sync.once('exit', status => end(status === 0));
    sync.once('error', error => {
      clearInterval(timer);
      // There is no such program.
      if (errno(error) !== undefined) resolve(false);
      else reject(error);
    });
  });
}

function argumentsFor(path: string): string[] {
  return ['-f', '--', path];
}
