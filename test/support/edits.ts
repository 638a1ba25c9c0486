import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  linkSync,
  lutimesSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import fc from 'fast-check';
import { inventory, toBytes, toPath, type Bytes, type Node } from './trees.js';

/** One random change. `at` and `into` pick among what exists at the time. */
export type Edit =
  | { kind: 'file' | 'append' | 'swapContent'; at: number; name: Bytes; content: keyof typeof CONTENTS; mode: number }
  | { kind: 'dir' | 'rename' | 'hardlink' | 'fifo'; at: number; into: number; name: Bytes }
  | { kind: 'symlink'; at: number; name: Bytes; target: Bytes }
  | { kind: 'chmod'; at: number; mode: number }
  | { kind: 'touch'; at: number; micros: number }
  | { kind: 'remove'; at: number };

const UTF8 = [
  'a',
  'b',
  'B',
  'ä',
  'a\u0308',
  '日本',
  '😀',
  'sp ace',
  ' lead',
  'trail ',
  'new\nline',
  'tab\t',
  'q\'u"o',
  '-rf',
];
const ODD = [
  'back\\slash',
  '*',
  '?[x]',
  '.hidden',
  '#hash',
  '%41',
  '=eq',
  'CON',
  '...',
  '\x1b[31m',
  'x'.repeat(255),
  '~',
  '$HOME',
];
const RAW: Bytes[] = ['\xff', 'caf\xe9', '\xc3', '\xed\xa0\x80', 'ok\x80\xbf'];
const name = fc.constantFrom(...[...UTF8, ...ODD].map(toBytes), ...RAW);

// Few, so that equal contents are common; of equal sizes, so that a change may hide.
const CONTENTS = {
  empty: '',
  one: 'one',
  two: 'two',
  six: 'six',
  lines: 'line\n'.repeat(9),
  zeros: '\0'.repeat(5000),
  large: 'z'.repeat(300_000),
} as const;
const content = fc.constantFrom(...(Object.keys(CONTENTS) as (keyof typeof CONTENTS)[]));
const isRoot = process.getuid?.() === 0;
const mode = fc.constantFrom(0o644, 0o600, 0o755, 0o444, 0o4755, 0o664, ...(isRoot ? [0o000, 0o111, 0o200] : []));
const target = fc.oneof(name, fc.constantFrom<Bytes[]>('/nowhere', '../..', '.', 'dangling/\xff', 'a/../b'));
const at = fc.nat({ max: 1000 });

function edit<K extends Edit['kind'], F extends object>(
  weight: number,
  kind: K,
  fields: { [P in keyof F]: fc.Arbitrary<F[P]> },
) {
  return { weight, arbitrary: fc.record({ kind: fc.constant(kind), ...fields }) as unknown as fc.Arbitrary<Edit> };
}

export const editArbitrary: fc.Arbitrary<Edit> = fc.oneof(
  edit(6, 'file', { at, name, content, mode }),
  edit(2, 'append', { at, name, content, mode }),
  edit(2, 'swapContent', { at, name, content, mode }),
  edit(4, 'dir', { at, into: at, name }),
  edit(3, 'rename', { at, into: at, name }),
  edit(2, 'hardlink', { at, into: at, name }),
  edit(1, 'fifo', { at, into: at, name }),
  edit(2, 'symlink', { at, name, target }),
  edit(2, 'chmod', { at, mode }),
  edit(2, 'touch', { at, micros: fc.integer({ min: -1_000_000_000, max: 4_000_000_000_000_000 }) }),
  edit(2, 'remove', { at }),
);

/** Does it, or nothing where it makes no sense (a name that is taken, nothing there to change). */
export function applyEdit(source: string, edit: Edit): void {
  const nodes = [...inventory(source)];
  const base = toBytes(source);
  const full = (path: Bytes): Buffer => toPath(path === '' ? base : `${base}/${path}`);
  const pick = (which: number, wanted: (node: Node) => boolean): Bytes | undefined => {
    const fit = nodes.filter(([path, node]) => wanted(node) && path !== '');
    return fit[which % Math.max(1, fit.length)]?.[0];
  };
  const folder = (which: number): Bytes => pick(which % 7 === 0 ? 0 : which, isDir) ?? '';
  const free = (dir: Bytes, wanted: Bytes): Bytes | undefined => {
    const path = dir === '' ? wanted : `${dir}/${wanted}`;
    return nodes.some(([taken]) => taken === path) || base.length + path.length > 3000 ? undefined : path;
  };

  switch (edit.kind) {
    case 'file': {
      const path = free(folder(edit.at), edit.name);
      if (path === undefined) return;
      writeFileSync(full(path), CONTENTS[edit.content]);
      chmodSync(full(path), edit.mode);
      return;
    }
    case 'append': {
      const path = pick(edit.at, isFile);
      if (path !== undefined) appendFileSync(full(path), CONTENTS[edit.content]);
      return;
    }
    case 'swapContent': {
      // Another content of the same size under the same mtime: only the ctime tells.
      const path = pick(edit.at, node => isFile(node) && node.size > 0);
      if (path === undefined) return;
      writeKeepingTimes(full(path), Buffer.from(readFileSync(full(path)).map(byte => byte ^ 1)), source);
      return;
    }
    case 'dir': {
      const path = free(folder(edit.at), edit.name);
      if (path !== undefined) mkdirSync(full(path));
      return;
    }
    case 'rename': {
      const from = pick(edit.at, () => true);
      const dir = folder(edit.into);
      const to = free(dir, edit.name);
      if (from === undefined || to === undefined || `${dir}/`.startsWith(`${from}/`)) return;
      renameSync(full(from), full(to));
      return;
    }
    case 'hardlink': {
      const from = pick(edit.at, isFile);
      const to = free(folder(edit.into), edit.name);
      if (from !== undefined && to !== undefined) linkSync(full(from), full(to));
      return;
    }
    case 'fifo': {
      const to = free(folder(edit.into), edit.name);
      if (to === undefined) return;
      // A program's arguments cannot carry any bytes: made outside, then moved in.
      execFileSync('mkfifo', [`${source}.fifo`]);
      renameSync(`${source}.fifo`, full(to));
      return;
    }
    case 'symlink': {
      const path = free(folder(edit.at), edit.name);
      if (path !== undefined) symlinkSync(toPath(edit.target), full(path));
      return;
    }
    case 'chmod': {
      const path = pick(edit.at, node => isFile(node) || isDir(node));
      if (path === undefined) return;
      const needed = !isRoot && nodes.some(([name, node]) => name === path && isDir(node)) ? 0o700 : 0;
      chmodSync(full(path), edit.mode | needed);
      return;
    }
    case 'touch': {
      const path = pick(edit.at, () => true) ?? '';
      lutimesSync(full(path), edit.micros / 1e6, edit.micros / 1e6);
      return;
    }
    case 'remove': {
      const path = pick(edit.at, () => true);
      if (path !== undefined) rmSync(full(path), { recursive: true });
      return;
    }
  }
}

// To the nanosecond, which `utimes` does not do. By other programs, whose arguments cannot carry any bytes: so the file gets
// a plain name for a while.
function writeKeepingTimes(file: Buffer, content: Buffer, besides: string): void {
  const [name, times] = [`${besides}.swap`, `${besides}.times`];
  linkSync(file, name);
  execFileSync('cp', ['-p', name, times]);
  writeFileSync(name, content);
  execFileSync('touch', ['-r', times, name]);
  rmSync(name);
  rmSync(times);
}

function isDir(node: Node): boolean {
  return node.type === 'dir';
}

function isFile(node: Node): boolean {
  return node.type === 'file';
}
