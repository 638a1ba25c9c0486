import { lstatSync } from 'node:fs';
import { basename, join } from 'node:path';
import { PhlbError, unlessRefused } from '../words/errors.js';
import { phrase } from '../words/phrase.js';
import type { Layout } from './layout.js';

/**
 * Makes sure that the folders through which a store (and, with `name`, a source's snapshots) is reached are folders, not
 * links out of the root: whoever prepared a disk must not choose what is read, written or deleted elsewhere.
 * @throws PhlbError `store`
 */
export function refuseLinks(layout: Layout, name?: string): void {
  const folders = [layout.home, layout.partial, layout.manifests];
  if (name !== undefined) folders.unshift(layout.sourceFolder(name), join(layout.manifests, name));
  for (const folder of folders) {
    if (isFolderOrNothing(folder)) continue;
    throw new PhlbError('store', phrase`${basename(folder)} is a link or a file, not a folder of the backup location`, {
      path: folder,
      hint: phrase`nothing was changed, since PHLB never leaves the backup location; remove it`,
    });
  }
}

function isFolderOrNothing(path: string): boolean {
  // Whoever goes on meets the same error.
  return unlessRefused(() => lstatSync(path).isDirectory()) ?? true;
}
