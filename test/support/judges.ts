import assert from 'node:assert/strict';
import { lstatSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { runProgram } from './run-program.js';
import type { Bytes, Node } from './trees.js';

/** `diff -r --no-dereference` finds nothing. */
export function assertSameTrees(expected: string, actual: string): void {
  const { status, stdout, stderr } = runProgram('diff', ['-r', '--no-dereference', expected, actual]);
  assert.equal(`${stdout}${stderr}`, '', `diff -r ${expected} ${actual}`);
  assert.equal(status, 0);
}

/** `sha256sum` of one file. */
export function sha256sum(file: string): string {
  return runProgram('sha256sum', ['--', file]).stdout.slice(0, 64);
}

/** Whether two paths are one file on disk. */
export function sameInode(a: string, b: string): boolean {
  const [one, two] = [lstatSync(a, { bigint: true }), lstatSync(b, { bigint: true })];
  return one.ino === two.ino && one.dev === two.dev;
}

/**
 * NetBSD's mtree finds nothing to say of the tree, once what a shared inode cannot keep is taken out.
 * Returns false where mtree is not installed.
 */
export function assertMtreeAgrees(manifest: string, tree: string): boolean {
  if (!installed('mtree')) return false;
  const pipe = `gzip -dc "$1" | sed -E 's/ (mode|time|uid|gid|tags)=[^ ]*//g' | mtree -p "$2"`;
  const { status, stdout, stderr } = runProgram('sh', ['-c', pipe, 'sh', manifest, tree]);
  assert.equal(`${stdout}${stderr}`, '', `mtree -p ${tree}`);
  assert.equal(status, 0);
  return true;
}

/** The names in a manifest as bsdtar reads it; `undefined` where bsdtar is not installed. */
export function bsdtarNames(manifest: string): string[] | undefined {
  if (!installed('bsdtar')) return undefined;
  const { status, stdout, stderr } = runProgram('bsdtar', ['-tf', manifest]);
  assert.equal(status, 0, stderr);
  return stdout
    .split('\n')
    .filter(line => line !== '')
    .map(line => line.replace(/^\.\//, '').replace(/\/$/, ''));
}

/** A manifest, read by this test's own few lines rather than by the engine. */
export function readManifest(file: string): Map<Bytes, Omit<Node, 'inode'>> {
  const nodes = new Map<Bytes, Omit<Node, 'inode'>>();
  for (const line of gunzipSync(readFileSync(file)).toString('latin1').split('\n')) {
    const text = line.replace(/^# \.\//, './');
    if (text === '' || text.startsWith('#')) continue;
    const [name = '', ...words] = text.split(' ');
    const keyword = (key: string): string | undefined =>
      words.find(word => word.startsWith(`${key}=`))?.slice(key.length + 1);
    const type = keyword('type');
    const [seconds = '', fraction = ''] = (keyword('time') ?? '').split('.');
    const sha256 = keyword('sha256');
    const link = keyword('link');
    nodes.set(name === '.' ? '' : unescape(name.slice(2)), {
      type: type === 'file' || type === 'dir' || type === 'link' || type === 'fifo' ? type : 'other',
      mode: parseInt(keyword('mode') ?? '', 8),
      mtime: BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0')),
      size: Number(keyword('size') ?? 0),
      ...(sha256 === undefined ? {} : { sha256 }),
      ...(link === undefined ? {} : { target: unescape(link) }),
    });
  }
  return nodes;
}

/** The manifest says of every entry what the independent copy has, and names nothing else. */
export function assertManifestTells(manifest: string, expected: ReadonlyMap<Bytes, Node>): void {
  const told = readManifest(manifest);
  assert.deepEqual([...told.keys()].sort(), [...expected.keys()].sort());
  for (const [path, node] of expected) {
    assert.deepEqual({ ...told.get(path), inode: node.inode }, node, `${manifest}: ${JSON.stringify(path)}`);
  }
}

/** Names that were one file are one file again. */
export function assertSameHardlinks(expected: ReadonlyMap<Bytes, Node>, actual: ReadonlyMap<Bytes, Node>): void {
  const seen = new Map<bigint, bigint>();
  for (const [path, node] of expected) {
    if (node.type !== 'file') continue;
    const inode = actual.get(path)?.inode;
    assert.ok(inode !== undefined, path);
    const first = seen.get(node.inode);
    if (first === undefined) seen.set(node.inode, inode);
    else assert.equal(inode, first, `${JSON.stringify(path)} has left its hardlink group`);
  }
}

export function installed(program: string): boolean {
  return runProgram('sh', ['-c', `command -v ${program}`]).status === 0;
}

function unescape(text: string): Bytes {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}
