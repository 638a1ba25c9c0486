/**
 * Folders of stored trees without write permission, so that nothing in them is removed by mistake, be it by `rm -rf`. Whoever
 * changes a published tree goes through here; nobody else has to know whether its folders are protected. To root, and to
 * Windows, permissions of folders say nothing.
 */
import { chmodSync, lstatSync, readdirSync } from 'node:fs';
import { fsPath, join, nameFromBuffer } from '../words/names.js';

const WRITE = 0o222;

/** Takes write permission from a tree's folders. Follows no link. @throws the system's error */
export function protectFolders(tree: string): void {
  const folder = fsPath(tree);
  for (const entry of readdirSync(folder, { withFileTypes: true, encoding: 'buffer' })) {
    // What is in it first: nobody can get at it half done.
    if (entry.isDirectory()) protectFolders(join(tree, nameFromBuffer(entry.name)));
  }
  chmodSync(folder, (lstatSync(folder).mode & 0o777 & ~WRITE) | 0o500);
}

/** Does what changes a folder of a published tree, or moves it away; what it is protected by comes back. @throws what `change` throws */
export function unprotected<T>(folder: string, change: () => T): T {
  const path = fsPath(folder);
  const stat = lstatSync(path, { throwIfNoEntry: false });
  const isProtected = stat?.isDirectory() === true && (stat.mode & 0o200) === 0;
  if (isProtected) chmodSync(path, (stat.mode & 0o777) | 0o700);
  try {
    return change();
  } finally {
    // One that was moved away is on its way out.
    if (isProtected && lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) chmodSync(path, stat.mode & 0o777);
  }
}
