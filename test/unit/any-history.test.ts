import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { FindMatch } from '../../src/engine/find.js';
import type { EngineClient } from '../../src/worker/client.js';
import { locationOf, startEngine } from '../support/engine.js';
import { Sandbox } from '../support/sandbox.js';
import { inventory } from '../support/trees.js';

const PATHS = ['a', 'b', 'd/a', 'd/b', 'd/e/a', 'e'];
const path = fc.constantFrom(...PATHS);
const edit = fc.record({
  kind: fc.constantFrom('write', 'write', 'rename', 'rename', 'rename', 'copy', 'remove', 'touch', 'chmod'),
  path,
  to: path,
  content: fc.constantFrom('', '1', '2', '3'),
});
type Edit = typeof edit extends fc.Arbitrary<infer E> ? E : never;
const step = fc.record({ edits: fc.array(edit, { minLength: 1, maxLength: 5 }), forget: fc.nat({ max: 9 }) });
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** A snapshot that still stands and what its files held. */
interface Kept {
  id: string;
  files: Map<string, string>;
}

describe('any history', () => {
  let engine: EngineClient;
  before(() => void (engine = startEngine()));
  after(() => engine.dispose());

  it('is told by versions and find as a naive replay tells it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 15 }), async steps => {
        const box = new Sandbox();
        try {
          await replay(box, engine, steps);
        } finally {
          box.dispose();
        }
      }),
      { seed: 20160107, numRuns: Number(process.env['PHLB_TEST_RUNS'] ?? 10), endOnFailure: true },
    );
  });
});

async function replay(box: Sandbox, engine: EngineClient, steps: Step[]): Promise<void> {
  box.write({ 'documents/d/e/': '' });
  const source = box.path('documents');
  const location = locationOf(box);
  const { id: founding } = await engine.call('backup', { location, source });
  const now = new Map<string, string>();
  const kept: Kept[] = [{ id: founding ?? '', files: new Map() }];
  for (const [at, { edits, forget }] of steps.entries()) {
    for (const one of edits) apply(source, now, one);
    kept.push({ id: publishByHand(box, founding ?? '', at + 1), files: new Map(now) });
    // The index takes some in at once, some together; of some the tree goes again, the newest included.
    if (forget % 2 === 0) await engine.call('find', { location, glob: 'a' });
    if (forget < 4)
      rmSync(join(box.root, kept.splice(-1 - forget, 1)[0]?.id ?? 'none'), { recursive: true, force: true });
  }
  for (const name of new Set(kept.flatMap(({ files }) => [...files.keys()]))) {
    const { versions } = await engine.call('versions', { location, file: join(source, name) });
    const told = versions.map(({ snapshot, path: stood, sha256 }) => ({ snapshot, path: stood, sha256 }));
    assert.deepEqual(told, naiveVersions(kept, name), name);
  }
  for (const glob of ['*', 'd/*', '**/a']) {
    const { matches } = await engine.call('find', { location, glob });
    const files = matches.filter(({ type }) => type === 'file');
    assert.deepEqual(files, naiveFind(box, kept, now, glob), glob);
    const page = await engine.call('find', { location, glob, offset: 1, limit: 1 });
    assert.deepEqual(page, { matches: matches.slice(1, 2), total: matches.length, unreadable: [] });
  }
}

function apply(source: string, now: Map<string, string>, one: Edit): void {
  const full = join(source, one.path);
  if (one.kind === 'write') {
    writeFileSync(full, one.content);
    now.set(one.path, one.content);
  }
  const content = now.get(one.path);
  if (content === undefined) return;
  if (one.kind === 'touch') utimesSync(full, 1, content.length + now.size);
  if (one.kind === 'chmod') chmodSync(full, now.size % 2 === 0 ? 0o755 : 0o644);
  if (one.kind === 'remove') {
    rmSync(full);
    now.delete(one.path);
  }
  if ((one.kind === 'rename' || one.kind === 'copy') && one.path !== one.to) {
    (one.kind === 'rename' ? renameSync : cpSync)(full, join(source, one.to));
    now.set(one.to, content);
    if (one.kind === 'rename') now.delete(one.path);
  }
}

// A snapshot as docs/format.md has it, written without the engine: many make a long history in a short time.
function publishByHand(box: Sandbox, founding: string, sequence: number): string {
  const id = `documents/2040-01-01-00${String(sequence).padStart(2, '0')}00`;
  const nodes = inventory(box.path('documents'));
  const line = (full: string): string => {
    const { type, mode, mtime, size, sha256 } = nodes.get(full) ?? assert.fail();
    const time = `${mtime / 1_000_000_000n}.${String(mtime % 1_000_000_000n).padStart(9, '0')}`;
    const head = `${full === '' ? '.' : `./${full}`} type=${type} mode=${mode.toString(8).padStart(4, '0')} uid=0 gid=0`;
    return type === 'file' ? `${head} size=${size} time=${time} sha256=${sha256}\n` : `${head} time=${time}\n`;
  };
  const below = (dir: string): string => {
    const names = [...nodes.keys()]
      .filter(full => full !== '' && (dirname(full) === '.' ? '' : dirname(full)) === dir)
      .sort();
    const folders = names.filter(full => nodes.get(full)?.type === 'dir');
    return names.map(line).join('') + folders.map(below).join('');
  };
  writeFileSync(box.manifest(id), gzipSync(`#mtree\n# phlb 1\n${line('')}${below('')}`));
  const recordFile = (of: string): string => box.manifest(of).replace('.mtree.gz', '.json');
  const record = JSON.parse(readFileSync(recordFile(founding), 'utf8')) as { sequence: number };
  writeFileSync(recordFile(id), JSON.stringify({ ...record, sequence: record.sequence + sequence }));
  cpSync(box.path('documents'), join(box.root, id), { recursive: true });
  return id;
}

// Snapshot by snapshot, without runs: every cell (snapshot, path) that is this file's.
function naiveVersions(kept: Kept[], name: string): { snapshot: string; path: string; sha256: string }[] {
  const at = (i: number, path: string): string | undefined => kept[i]?.files.get(path);
  const cells = new Set<string>();
  const follow = (from: number, start: string, step: 1 | -1): void => {
    let path = start;
    for (let i = from; kept[i]; i += step) {
      cells.add(`${i}/${path}`);
      if (at(i + step, path) !== undefined) continue;
      const content = at(i, path) ?? '';
      const others = [...(kept[i + step]?.files.keys() ?? [])].filter(
        other => at(i + step, other) === content && at(i, other) !== content,
      );
      const same = (other: string): number => (basename(other) === basename(path) ? 0 : 1);
      const [next] = others.sort((a, b) => same(a) - same(b) || (a < b ? -1 : 1));
      if (content === '' || next === undefined) return;
      path = next;
    }
  };
  const holding = kept.map((_, i) => i).filter(i => at(i, name) !== undefined);
  for (const i of holding) follow(i, name, -1);
  const newest = holding.at(-1);
  if (newest !== undefined) follow(newest, name, 1);

  const starts = [...cells]
    .map(cell => ({ i: Number(cell.split('/')[0]), path: cell.slice(cell.indexOf('/') + 1) }))
    .filter(({ i, path }) => !cells.has(`${i - 1}/${path}`) || at(i - 1, path) !== at(i, path))
    .sort((a, b) => b.i - a.i || (a.path < b.path ? -1 : 1))
    .map(({ i, path }) => ({ snapshot: kept[i]?.id ?? '', path, sha256: sum(at(i, path) ?? '') }));
  return starts.filter((one, n) => one.path !== starts[n + 1]?.path || one.sha256 !== starts[n + 1]?.sha256);
}

// By find(1) in every tree.
function naiveFind(box: Sandbox, kept: Kept[], now: Map<string, string>, glob: string): FindMatch[] {
  const test = glob.startsWith('**/')
    ? ['-name', glob.slice(3)]
    : glob.includes('/')
      ? ['-path', `./${glob}`, '-not', '-path', './*/*/*']
      : ['-name', glob];
  const found = new Map<string, FindMatch>();
  for (const { id } of kept) {
    const { stdout } = spawnSync('find', ['.', '-type', 'f', ...test], { cwd: join(box.root, id), encoding: 'utf8' });
    for (const line of stdout.split('\n').filter(text => text !== '')) {
      const path = line.slice(2);
      const first = found.get(path)?.first ?? id;
      found.set(path, { path, type: 'file', first, last: id, deleted: !now.has(path) });
    }
  }
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

function sum(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}
