/** Private names: what a restore is writing before it gets its place. */
import { randomBytes } from 'node:crypto';
import { lstatSync, readdirSync, unlinkSync } from 'node:fs';
import { errno } from '../errors.js';
import { dirname, fsPath, join, nameFromBuffer } from '../names.js';
import type { RestoreNote } from '../store/restore-note.js';
import { parentsOf } from './select.js';
import type { Target } from './target.js';

/** What all private names of one restore begin with. */
export function newDraftPrefix(): string {
  return `.phlb-restore-${randomBytes(4).toString('hex')}-`;
}

/** Removes what a restore that died has left under its private names. */
export function removeDrafts(target: Target, { drafts, created, overwritten }: RestoreNote): void {
  if (drafts === undefined || !/^\.phlb-restore-[0-9a-f]{8}-$/.test(drafts)) return;
  const paths = [...created.map(({ path }) => path), ...overwritten].filter(path => path !== '');
  for (const folder of new Set(paths.map(dirname))) {
    try {
      const parts = [folder, ...parentsOf(folder)].filter(part => part !== '');
      if (!parts.every(part => lstatSync(fsPath(join(target.path, part))).isDirectory())) continue;
      for (const name of readdirSync(fsPath(join(target.path, folder)), { encoding: 'buffer' }).map(nameFromBuffer)) {
        if (name.startsWith(drafts)) unlinkSync(fsPath(join(target.path, join(folder, name))));
      }
    } catch (error) {
      // The folder was never made or cannot be read: then there is nothing of it to remove.
      if (errno(error) === undefined) throw error;
    }
  }
}
