/**
 * `node --require dying.js PROGRAM`: the process kills itself with SIGKILL at its Nth change to a file system, counted over
 * all of its threads, so that a moment of death can be chosen, and chosen again, however busy the machine is.
 * `PHLB_DIE_AT=N`; without it `PHLB_DIE_COUNT=FILE` gets the number of changes when the process ends. A write is counted
 * twice and done in two halves: one may die in the middle of it. With `PHLB_DIE_BY=SIGSTOP` it stands still there instead, as
 * by Ctrl-Z, and the thread that made the change for a second more, so that all others are ahead of it.
 */
import fs from 'node:fs';
import { join } from 'node:path';
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';

const KEY = 'phlb-dying';
const diesAt = Number(process.env['PHLB_DIE_AT'] ?? Infinity);
const diesBy = process.env['PHLB_DIE_BY'] ?? 'SIGKILL';
const countFile = process.env['PHLB_DIE_COUNT'];

if (isMainThread) setEnvironmentData(KEY, new SharedArrayBuffer(4));
const changes = new Int32Array(getEnvironmentData(KEY) as unknown as SharedArrayBuffer);

const original = { ...fs };
const target = fs as unknown as Record<string, unknown>;

for (const name of [
  'chmodSync',
  'fchmodSync',
  'copyFileSync',
  'ftruncateSync',
  'futimesSync',
  'linkSync',
  'lutimesSync',
  'mkdirSync',
  'renameSync',
  'rmdirSync',
  'symlinkSync',
  'unlinkSync',
  'utimesSync',
] as const) {
  const real = original[name] as (...args: unknown[]) => unknown;
  target[name] = (...args: unknown[]): unknown => {
    change();
    return real(...args);
  };
}

const writes = fs.constants.O_WRONLY | fs.constants.O_RDWR;
target['openSync'] = (path: fs.PathLike, flags: fs.OpenMode = 'r', mode?: fs.Mode): number => {
  if (typeof flags === 'number' ? (flags & writes) !== 0 : flags !== 'r') change();
  return original.openSync(path, flags, mode);
};

target['writeSync'] = (
  fd: number,
  bytes: Uint8Array,
  offset = 0,
  length = bytes.length - offset,
  at?: number,
): number => {
  change();
  const half = original.writeSync(fd, bytes, offset, Math.ceil(length / 2), at);
  change();
  if (half >= length) return half;
  return half + original.writeSync(fd, bytes, offset + half, length - half, at === undefined ? at : at + half);
};

target['writeFileSync'] = (
  file: fs.PathOrFileDescriptor,
  data: string | Uint8Array,
  options: fs.WriteFileOptions,
): void => {
  change();
  const bytes = Buffer.from(data as string);
  if (typeof file === 'number') {
    original.writeSync(file, bytes, 0, bytes.length >> 1);
    change();
    original.writeSync(file, bytes, bytes.length >> 1);
  } else if (diesNext()) {
    original.writeFileSync(file, bytes.subarray(0, bytes.length >> 1), options);
    change();
  } else {
    change();
    original.writeFileSync(file, bytes, options);
  }
};

// Streams write with this one. Node's own handling of the callback is left to it.
target['write'] = (...args: Parameters<typeof fs.write>): void => {
  change();
  original.write(...args);
};

// Node's own removes a tree in one call: a death in the middle of it would be missed.
target['rmSync'] = (path: fs.PathLike, options: fs.RmOptions = {}): void => {
  const stat = original.lstatSync(path, { throwIfNoEntry: false });
  if (!stat?.isDirectory() || options.recursive !== true) {
    change();
    original.rmSync(path, options);
  } else {
    for (const name of original.readdirSync(path)) fs.rmSync(join(String(path), name), options);
    change();
    original.rmdirSync(path);
  }
};

if (isMainThread && countFile !== undefined) {
  process.on('exit', () => original.writeFileSync(countFile, String(Atomics.load(changes, 0))));
}

function change(): void {
  if (Atomics.add(changes, 0, 1) + 1 !== diesAt) return;
  process.kill(process.pid, diesBy);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
}

function diesNext(): boolean {
  return Atomics.load(changes, 0) + 1 === diesAt;
}
