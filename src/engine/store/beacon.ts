/**
 * A sign of life where the system does not number threads, and where a process' number is soon another's: a named pipe that
 * a thread holds open, and that the system (on Windows) or Node closes with it, however it ends.
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, constants, lstatSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { errno, passUnforeseen } from '../words/errors.js';
import { removeFile } from '../files/remove.js';

export interface Beacon {
  name: string;
  close: () => void;
}

const { O_RDONLY, O_WRONLY, O_NONBLOCK = 0 } = constants;
const isWindows = process.platform === 'win32';

/** `null` where none can be had. */
export async function lightBeacon(): Promise<Beacon | null> {
  const name = `phlb-${randomBytes(12).toString('hex')}`;
  try {
    return isWindows ? await servePipe(name) : openFifo(name);
  } catch (error) {
    // A program that fails (`mkfifo`) is foreseen, too.
    if (!(error instanceof Error && 'status' in error)) passUnforeseen(error);
    return null;
  }
}

export function isBeaconName(name: unknown): name is string {
  return typeof name === 'string' && /^phlb-[0-9a-f]{24}$/.test(name);
}

/** Whether the thread that lit it lives, on this machine. `undefined`: it cannot be told. */
export function isLit(name: string): boolean | undefined {
  try {
    // A busy server has no time to answer, but its pipe is there. A FIFO can be written to as long as it has a reader.
    if (!isWindows && !lstatSync(pipe(name)).isFIFO()) return undefined;
    closeSync(openSync(pipe(name), isWindows ? 'r+' : O_WRONLY | O_NONBLOCK));
    return true;
  } catch (error) {
    passUnforeseen(error);
    if (isWindows) return errno(error) !== 'ENOENT';
    return errno(error) === 'ENXIO' ? false : undefined;
  }
}

async function servePipe(name: string): Promise<Beacon> {
  const server = createServer(visitor => visitor.destroy());
  await once(server.listen(pipe(name)), 'listening');
  server.unref();
  return { name, close: () => void server.close() };
}

// Other users may look whether it is lit, and no more.
function openFifo(name: string): Beacon {
  execFileSync('mkfifo', ['-m', '622', pipe(name)], { stdio: 'ignore' });
  const fd = openSync(pipe(name), O_RDONLY | O_NONBLOCK);
  const close = (): void => {
    removeFile(pipe(name));
    closeSync(fd);
  };
  return { name, close };
}

// All users' threads find it there, whatever their TMPDIR is.
function pipe(name: string): string {
  return isWindows ? `\\\\.\\pipe\\${name}` : `/tmp/${name}`;
}
