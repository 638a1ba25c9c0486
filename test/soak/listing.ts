/** What stands in a backup location, by find(1) and sha256sum(1). */
import { runForBytes } from '../support/run-program.js';
import { toBytes, type Bytes } from '../support/trees.js';

export interface Stored {
  /** as find's %y: f, d, l … */
  type: string;
  mode: number;
  /** microseconds */
  mtime: bigint;
  inode: string;
  sha256?: string;
  target?: Bytes;
}

export type Tree = Map<Bytes, Stored>;

const FIELDS = 7;

/** All trees by `NAME/STAMP`, the tree's own folder as `''`. */
export function listTrees(root: string): Map<string, Tree> {
  const prune = ['-mindepth', '2', '-path', `${root}/.phlb/*`, '-prune', '-o'];
  const told = output('find', [root, ...prune, '-printf', '%P\\0%y\\0%m\\0%T@\\0%s\\0%i\\0%l\\0']).split('\0');
  const trees = new Map<string, Tree>();
  const firstNames = new Map<string, Bytes>();
  const files: Stored[] = [];
  for (let at = 0; at + FIELDS <= told.length; at += FIELDS) {
    const [path = '', type = '', mode = '', time = '', , inode = '', target = ''] = told.slice(at, at + FIELDS);
    const [name = '', stamp = '', ...rest] = path.split('/');
    const stored: Stored = { type, mode: parseInt(mode, 8), mtime: micros(time), inode };
    if (type === 'l') stored.target = target;
    if (type === 'f') {
      files.push(stored);
      if (!firstNames.has(inode)) firstNames.set(inode, path);
    }
    const id = `${name}/${stamp}`;
    const tree = trees.get(id) ?? new Map<Bytes, Stored>();
    trees.set(id, tree.set(rest.join('/'), stored));
  }
  const sums = sha256sums(root, [...firstNames.values()]);
  const byInode = new Map([...firstNames.keys()].map((inode, i) => [inode, sums[i]]));
  for (const file of files) {
    const sum = byInode.get(file.inode);
    if (sum !== undefined) file.sha256 = sum;
  }
  return trees;
}

// In the order of the paths.
function sha256sums(folder: string, paths: Bytes[]): string[] {
  if (paths.length === 0) return [];
  const input = Buffer.from(paths.map(path => `./${path}\0`).join(''), 'latin1');
  return output('xargs', ['-0', 'sha256sum', '-z', '--'], folder, input)
    .split('\0')
    .filter(line => line !== '')
    .map(line => line.slice(0, 64));
}

function micros(time: string): bigint {
  const [seconds = '', fraction = ''] = time.replace('-', '').split('.');
  const size = BigInt(seconds) * 1_000_000n + BigInt(fraction.slice(0, 6).padEnd(6, '0'));
  return time.startsWith('-') ? -size : size;
}

function output(program: string, args: string[], cwd?: string, input?: Buffer): Bytes {
  const { status, stdout, stderr } = runForBytes(program, args, {
    ...(cwd === undefined ? {} : { cwd }),
    ...(input ? { input } : {}),
  });
  if (status !== 0) throw new Error(`${program}: ${stderr.toString()}`);
  return toBytes(stdout);
}
