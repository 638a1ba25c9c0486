import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import type { Change } from '../../src/engine/index/changes.js';
import { nameToBuffer } from '../../src/engine/words/names.js';
import type { EngineClient } from '../../src/worker/client.js';
import { applyEdit, editArbitrary, type Edit } from '../support/edits.js';
import { locationOf, startEngine } from '../support/engine.js';
import { Sandbox } from '../support/sandbox.js';
import { inventory, toBytes, type Bytes, type Node } from '../support/trees.js';

describe('any two states of a tree', () => {
  let engine: EngineClient;
  before(() => void (engine = startEngine(true)));
  after(() => engine.dispose());

  it('differ as an independent comparison says, and as diff -rq says', async () => {
    const edits = fc.array(editArbitrary, { minLength: 5, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(edits, edits, async (before, after) => {
        const box = new Sandbox();
        try {
          await judge(box, engine, before, after);
        } finally {
          box.dispose();
        }
      }),
      { seed: 20160107, numRuns: Number(process.env['PHLB_TEST_RUNS'] ?? 8), endOnFailure: true },
    );
  });
});

async function judge(box: Sandbox, engine: EngineClient, before: Edit[], after: Edit[]): Promise<void> {
  box.write({ 'documents/': '' });
  const source = box.path('documents');
  const location = locationOf(box);
  for (const edit of before) applyEdit(source, edit);
  spawnSync('cp', ['-a', source, box.path('was')]);
  const was = inventory(source);
  const first = await engine.call('backup', { location, source, rules: { exclude: [] } });
  for (const edit of after) applyEdit(source, edit);
  const now = inventory(source);

  const live = await engine.call('diff', { location, snapshot: first.id ?? '' });
  assertExplains(live.changes, was, now);
  if (![...was.keys(), ...now.keys()].some(path => /\n|: | and | differ| is a /.test(path))) {
    assertDiffAgrees(live.changes, box.path('was'), source);
  }
  const second = await engine.call('backup', { location, source });
  const stored = await engine.call('diff', { location, snapshot: first.id ?? '', other: second.id ?? '' });
  assert.deepEqual(stored.changes, live.changes);
  const page = await engine.call('diff', {
    location,
    snapshot: first.id ?? '',
    other: second.id ?? '',
    offset: 1,
    limit: 2,
  });
  assert.deepEqual(page.changes, live.changes.slice(1, 3));
  assert.equal(
    Object.values(page.counts).reduce((sum, n) => sum + n),
    live.changes.length,
  );
}

function assertExplains(changes: Change[], was: Map<Bytes, Node>, now: Map<Bytes, Node>): void {
  const found = changes.map(({ path, change, from }) => ({ path: bytes(path), change, from: from && bytes(from) }));
  assert.deepEqual(
    found.map(({ path }) => path),
    found.map(({ path }) => path).sort(),
    'in byte order',
  );
  const of = (kind: string): Bytes[] => found.filter(({ change }) => change === kind).map(({ path }) => path);
  const moved = found.filter(({ change }) => change === 'moved');
  const inBoth = [...was.keys()].filter(path => now.has(path));
  const come = [...now.keys()].filter(path => !was.has(path));
  const gone = [...was.keys()].filter(path => !now.has(path));
  const differ = (path: Bytes, ...fields: (keyof Node)[]): boolean =>
    fields.some(field => was.get(path)?.[field] !== now.get(path)?.[field]);
  const modified = inBoth.filter(path => differ(path, 'type', 'sha256', 'target'));
  assert.deepEqual(of('modified').sort(), modified.sort());
  const timed = (path: Bytes): boolean => {
    const apart = (was.get(path)?.mtime ?? 0n) - (now.get(path)?.mtime ?? 0n);
    return was.get(path)?.type !== 'dir' && (apart > 1000n || apart < -1000n);
  };
  const metadata = inBoth.filter(path => !modified.includes(path) && (differ(path, 'mode') || timed(path)));
  assert.deepEqual(of('metadata').sort(), metadata.sort());
  assert.deepEqual([...of('added'), ...of('moved')].sort(), come.sort());
  assert.deepEqual([...of('removed'), ...moved.map(({ from }) => from)].sort(), gone.sort());
  assert.deepEqual(of('unstored'), []);
  // Each pair is of one content, and no further pair is left.
  const sum = (node: Node | undefined): string => (node?.type === 'file' && node.size > 0 ? (node.sha256 ?? '') : '');
  for (const { path, from } of moved) {
    assert.notEqual(sum(now.get(path)), '');
    assert.equal(sum(now.get(path)), sum(was.get(from ?? '')));
  }
  const left = new Set(of('removed').map(path => sum(was.get(path))));
  for (const path of of('added')) assert.ok(sum(now.get(path)) === '' || !left.has(sum(now.get(path))), path);
}

// What `diff -rq` names: of a tree that one side lacks only the top; mode and time not at all.
function assertDiffAgrees(changes: Change[], was: string, now: string): void {
  const { stdout } = spawnSync('diff', ['-rq', '--no-dereference', was, now], {
    encoding: 'latin1',
    env: { ...process.env, LC_ALL: 'C' },
  });
  const [a, b] = [toBytes(was), toBytes(now)];
  const theirs = new Set<string>();
  for (const line of stdout.split('\n')) {
    const only = /^Only in (.*): (.*)$/s.exec(line);
    if (only?.[1]?.startsWith(a)) theirs.add(`removed ${only[1].slice(a.length + 1)}/${only[2]}`.replace(' /', ' '));
    else if (only?.[1]?.startsWith(b)) theirs.add(`added ${only[1].slice(b.length + 1)}/${only[2]}`.replace(' /', ' '));
    else {
      const path = /^(?:Files|Symbolic links|File) (.*?) (?:and|is a) /s.exec(line)?.[1];
      if (path !== undefined) theirs.add(`modified ${path.slice(a.length + 1)}`);
    }
  }
  const come = new Set(changes.filter(c => c.change === 'added' || c.change === 'moved').map(c => bytes(c.path)));
  const gone = new Set(
    changes.flatMap(c => (c.change === 'removed' ? [bytes(c.path)] : c.from === undefined ? [] : [bytes(c.from)])),
  );
  const tops = (paths: Set<Bytes>, word: string): string[] =>
    [...paths]
      .filter(path => !paths.has(path.slice(0, Math.max(0, path.lastIndexOf('/')))))
      .map(path => `${word} ${path}`);
  const modified = changes.filter(c => c.change === 'modified').map(c => bytes(c.path));
  // Below a name that has turned into something else, diff does not look.
  const turned = new Set(modified);
  const visible = (line: string): boolean => {
    for (let path = line.slice(line.indexOf(' ') + 1); path.includes('/');) {
      path = path.slice(0, path.lastIndexOf('/'));
      if (turned.has(path)) return false;
    }
    return true;
  };
  const ours = [...tops(gone, 'removed'), ...tops(come, 'added'), ...modified.map(path => `modified ${path}`)].filter(
    visible,
  );
  assert.deepEqual([...theirs].filter(line => line !== '').sort(), ours.sort(), stdout);
}

function bytes(path: string): Bytes {
  return nameToBuffer(path).toString('latin1');
}
