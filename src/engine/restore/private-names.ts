/** Private names: what a restore is writing before it gets its place. */
import { randomBytes } from 'node:crypto';
import { unlessRefused } from '../words/errors.js';
import { dirname, join } from '../words/names.js';
import type { RestoreNote } from '../store/restore-note.js';
import type { Target } from './target.js';

/** What all private names of one restore begin with. */
export function newPrivatePrefix(): string {
  return `.phlb-restore-${randomBytes(4).toString('hex')}-`;
}

/** Removes what a restore that died has left under its private names. */
export function removePrivateFiles({ held }: Target, { drafts, created, overwritten }: RestoreNote): void {
  if (drafts === undefined || !/^\.phlb-restore-[0-9a-f]{8}-$/.test(drafts)) return;
  const paths = [...created.map(({ path }) => path), ...overwritten].filter(path => path !== '');
  for (const folder of new Set(paths.map(dirname))) {
    // Where the folder was never made, is none by now or cannot be read, there is nothing of it to remove.
    unlessRefused(() => {
      for (const name of held.names(folder)) if (name.startsWith(drafts)) held.unlink(join(folder, name));
    });
  }
}
