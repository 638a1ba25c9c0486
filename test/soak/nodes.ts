/** States of a source, as they are compared. */
import { nameToBuffer } from '../../src/engine/words/names.js';
import type { Bytes, Node } from '../support/trees.js';

export function bytes(path: string): Bytes {
  return nameToBuffer(path).toString('latin1');
}

export function withoutInodes(nodes: Map<Bytes, Node>): unknown[] {
  return [...nodes]
    .map(([path, node]) => [path, comparable(node)])
    .sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));
}

export function comparable({ type, mode, mtime, size, sha256, target }: Node): object {
  // As the edits set them, to the microsecond.
  return { type, mode, micros: mtime / 1000n, size, sha256, target };
}
