// What happens to a tree between two snapshots.
/** @import { Tree } from '../types.js' */
import { appendFileSync, mkdirSync, readdirSync, renameSync, utimesSync } from 'node:fs';
import { join } from 'node:path';

/** Files this old are trusted by their times: nobody has to read them again in the row that follows. */
const pastSeconds = 60;

/**
 * Adds a line to a share of the files; `tree.changed` says to how many.
 * @param {Tree} tree
 * @param {number} share
 * @param {number} round
 */
export function changeShare(tree, share, round) {
  const files = filesBelow(tree.path);
  const step = Math.round(1 / share);
  const chosen = files.filter((_, i) => i % step === round % step);
  for (const file of chosen) {
    appendFileSync(file, `changed in round ${round}\n`);
    age(file, pastSeconds);
  }
  tree.changed = chosen.length;
}

/**
 * Gives all files a new time stamp and leaves their contents.
 * @param {Tree} tree
 * @param {number} round
 */
export function touchAll(tree, round) {
  for (const file of filesBelow(tree.path)) age(file, 3600 - round);
}

/**
 * Renames three of the six folders at the top, which hold half of the files; `tree.moved` says where they are now.
 * @param {Tree} tree
 * @param {number} round
 */
export function moveHalf(tree, round) {
  const elsewhere = join(tree.path, 'elsewhere');
  mkdirSync(elsewhere, { recursive: true });
  const [from, to] = round % 2 === 0 ? [tree.path, elsewhere] : [elsewhere, tree.path];
  const names = ['folder-1', 'folder-2', 'folder-3'];
  for (const name of names) renameSync(join(from, name), join(to, name));
  tree.moved = names.map(name => join(to, name));
}

/**
 * @param {string} folder
 * @returns the paths of all files, sorted
 */
export function filesBelow(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .toSorted();
}

/**
 * @param {string} file
 * @param {number} seconds
 */
function age(file, seconds) {
  const then = Date.now() / 1000 - seconds;
  utimesSync(file, then, then);
}
