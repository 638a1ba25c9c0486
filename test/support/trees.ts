import { createHash } from 'node:crypto';
import { chmodSync, cpSync, lstatSync, readFileSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { runProgram } from './run-program.js';

/** A name or path whose characters are bytes (Latin-1), so that any POSIX name is an exact string. */
export type Bytes = string;

export interface Node {
  type: 'file' | 'dir' | 'link' | 'fifo' | 'other';
  /** the low twelve bits */
  mode: number;
  /** nanoseconds */
  mtime: bigint;
  size: number;
  sha256?: string;
  target?: Bytes;
  inode: bigint;
}

export function toPath(path: Bytes): Buffer {
  return Buffer.from(path, 'latin1');
}

export function toBytes(text: string | Buffer): Bytes {
  return Buffer.from(text as string).toString('latin1');
}

/** All that stands in a folder by relative path, the folder itself as `''`. Written apart from the engine's walk. */
export function inventory(folder: string): Map<Bytes, Node> {
  const nodes = new Map<Bytes, Node>();
  const base = toBytes(folder);
  const visit = (path: Bytes): void => {
    const full = toPath(path === '' ? base : `${base}/${path}`);
    const node = inspect(full);
    nodes.set(path, node);
    if (node.type !== 'dir') return;
    for (const name of readdirSync(full, { encoding: 'buffer' })) {
      visit(path === '' ? name.toString('latin1') : `${path}/${name.toString('latin1')}`);
    }
  };
  visit('');
  return nodes;
}

/** Moves a folder as if it came from another disk: with other inodes, so that only its contents tell what it is. */
export function moveAnew(from: string, to: string): void {
  cpSync(from, to, { recursive: true, preserveTimestamps: true });
  rmSync(from, { recursive: true });
}

/** Removes a tree as a user would, also where folders were made read-only. */
export function removeTree(folder: string): void {
  runProgram('chmod', ['-R', 'u+rwX', folder]);
  rmSync(folder, { recursive: true, force: true });
}

/** Writes over a stored file, which is write-protected. */
export function makeWritable(file: string): void {
  chmodSync(file, 0o644);
}

function inspect(full: Buffer): Node {
  const stat = lstatSync(full, { bigint: true });
  const common = { mode: Number(stat.mode & 0o7777n), mtime: stat.mtimeNs, size: 0, inode: stat.ino };
  if (stat.isFile()) {
    const sha256 = createHash('sha256').update(readFileSync(full)).digest('hex');
    return { ...common, type: 'file', size: Number(stat.size), sha256 };
  }
  if (stat.isSymbolicLink()) return { ...common, type: 'link', target: toBytes(readlinkSync(full, 'buffer')) };
  return { ...common, type: stat.isDirectory() ? 'dir' : stat.isFIFO() ? 'fifo' : 'other' };
}
