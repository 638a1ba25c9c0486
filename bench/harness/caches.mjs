// The kernel's caches of files, directories and inodes.
import { accessSync, constants, writeFileSync } from 'node:fs';

const control = '/proc/sys/vm/drop_caches';

export function canDropCaches() {
  try {
    accessSync(control, constants.W_OK);
    return process.getuid?.() === 0;
  } catch {
    return false;
  }
}

/** Empties them, as after a start of the machine, as far as they are written out; for everybody on the machine. */
export function dropCaches() {
  writeFileSync(control, '3');
}
