/** Times that were set but did not stay: a file system replaces what it cannot hold by what it can, without a word. */
import { unlessRefused } from '../words/errors.js';
import { isSameTime, isUsualTime } from '../files/file-times.js';
import type { HeldFolder } from '../files/held-folder.js';
import type { PathError } from '../words/model.js';
import { nsToIso, nsToMicros } from '../words/times.js';
import type { Plan } from './plan.js';

/**
 * What was restored and has another time now than it was to have. Looked for where it can happen: at times far from today's,
 * and where times are kept in coarse steps.
 * @param left paths that were not restored, and have told why
 */
export function lostTimes({ target, steps, timeStep }: Plan, left: ReadonlySet<string>): PathError[] {
  return steps.flatMap(({ entry, action, settles }) => {
    const { path, type, mtime } = entry;
    const wanted = nsToMicros(mtime);
    if (left.has(path) || action === 'keep' || (type === 'dir' && !settles)) return [];
    if (timeStep === 1 && isUsualTime(wanted)) return [];
    const is = timeOf(target.held, path);
    if (is === undefined || isSameTime(nsToMicros(is), wanted, timeStep)) return [];
    const message = `Its time ${nsToIso(mtime)} cannot be kept there; it is ${nsToIso(is)} now`;
    return [{ path, code: 'ETIME', message }];
  });
}

// What is gone again, or cannot be reached, tells nothing.
function timeOf(held: HeldFolder, path: string): bigint | undefined {
  return unlessRefused(() => held.lstat(path).mtimeNs);
}
