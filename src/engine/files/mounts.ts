import { readFileSync, realpathSync } from 'node:fs';
import { unlessRefused } from '../words/errors.js';
import { fsPath, nameFromBuffer, relativeInside } from '../words/names.js';

/**
 * What is mounted below a folder, relative to it. Removing the folder would empty what is mounted there, which is none of
 * the store's. Told on Linux only; proc_pid_mountinfo(5).
 */
function mountsBelow(folder: string): string[] {
  const table = mountTable();
  if (table === undefined) return [];
  const real = nameFromBuffer(realpathSync.native(fsPath(folder), { encoding: 'buffer' }));
  return table.split('\n').flatMap(line => {
    const point = unescape(line.split(' ')[4] ?? '');
    const inside = point === '' ? undefined : relativeInside(real, point);
    return inside === undefined || inside === '' ? [] : [inside];
  });
}

function mountTable(): string | undefined {
  return unlessRefused(() => nameFromBuffer(readFileSync('/proc/self/mountinfo')));
}

// Blanks, newlines and backslashes of a path stand as three octal digits.
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}

/** @throws the system's error of a folder that is busy, when something is mounted below this one */
export function refuseMounts(folder: string): void {
  const [point] = mountsBelow(folder);
  if (point === undefined) return;
  throw Object.assign(new Error(`EBUSY: something is mounted in it at ${point}`), { code: 'EBUSY' });
}
