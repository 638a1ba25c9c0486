/**
 * A sign of life on Windows, where the numbers of processes are soon used again and Node cannot tell when a process began:
 * a named pipe, which the system takes away together with the process, however it ends.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { errno } from '../errors.js';

export interface Beacon {
  name: string;
  close: () => void;
}

/** `null` where no beacon is needed, or none can be had. */
export async function lightBeacon(): Promise<Beacon | null> {
  if (process.platform !== 'win32') return null;
  const name = `phlb-${randomBytes(12).toString('hex')}`;
  const server = createServer(visitor => visitor.destroy());
  try {
    await once(server.listen(pipe(name)), 'listening');
  } catch {
    return null;
  }
  server.unref();
  return { name, close: () => void server.close() };
}

export function isBeaconName(name: unknown): name is string {
  return typeof name === 'string' && /^phlb-[0-9a-f]{24}$/.test(name);
}

/** Whether the process that lit it lives, on this machine. A busy one has no time to answer, but its pipe is there. */
export function isLit(name: string): boolean {
  try {
    closeSync(openSync(pipe(name), 'r+'));
    return true;
  } catch (error) {
    return errno(error) !== 'ENOENT';
  }
}

function pipe(name: string): string {
  return `\\\\.\\pipe\\${name}`;
}
