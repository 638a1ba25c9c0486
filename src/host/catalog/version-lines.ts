import { countLineChanges, type LineChanges } from '../editor/line-changes.js';
import type { PastVersion } from './past-versions.js';
import { readInTree } from './snapshot-tree.js';

/** bytes; larger files are not read for it */
const READ_AT_MOST = 1024 * 1024;
/** how much of a file is looked at for a zero byte, which no text has; as git does */
const LOOKED_AT = 8000;

/**
 * By how many lines a version differs from the one before it.
 * @returns `undefined`: they are no texts, or too large, or have too little in common; or it was cancelled
 */
export async function versionLines(
  older: PastVersion,
  newer: PastVersion,
  isCancelled: () => boolean,
): Promise<LineChanges | undefined> {
  if (older.version.size > READ_AT_MOST || newer.version.size > READ_AT_MOST) return undefined;
  const before = await readInTree(older.snapshot.path, older.version.path);
  const after = await readInTree(newer.snapshot.path, newer.version.path);
  if (isBinary(before) || isBinary(after) || isCancelled()) return undefined;
  // Lines are told apart by their bytes, whatever their encoding.
  return countLineChanges(before.toString('latin1'), after.toString('latin1'), isCancelled);
}

function isBinary(content: Buffer): boolean {
  return content.subarray(0, LOOKED_AT).includes(0);
}
