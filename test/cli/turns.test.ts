import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { applyEdit, editArbitrary, type Edit } from '../support/edits.js';
import { elapse } from '../support/elapse.js';
import { assertSameTrees } from '../support/judges.js';
import { Sandbox, type Restored } from '../support/sandbox.js';
import { inventory } from '../support/trees.js';

interface Listed {
  id: string;
  cause?: string;
  turn?: string;
  turns?: { id: string; part: string; cause: string | null }[];
}

interface Step {
  mine: Edit[];
  agents: Edit[];
}

// The agent works in one folder, a person in another, in turn.
function judge(box: Sandbox, start: Edit[], steps: Step[], meddles: boolean): void {
  box.write({ 'project/agent/': '', 'project/mine/': '' });
  const source = box.path('project');
  const folders = { mine: join(source, 'mine'), agents: join(source, 'agent') };
  for (const edit of start) for (const folder of Object.values(folders)) applyEdit(folder, edit);
  const mark = (...more: string[]): void => {
    if (existsSync(box.root)) elapse(box.root);
    box.json(0, 'backup', source, '--no-default-excludes', '--skip-unchanged', '--turn', 't', ...more);
  };
  execFileSync('cp', ['-a', source, box.path('start')]);
  mark();
  for (const { mine, agents } of steps) {
    for (const edit of mine) applyEdit(folders.mine, edit);
    mark('--before');
    for (const edit of agents) applyEdit(folders.agents, edit);
    mark();
  }
  if (meddles) for (const edit of start) applyEdit(folders.mine, edit);
  execFileSync('cp', ['-a', source, box.path('end')]);
  const changed = inventory(folders.agents);
  const was = inventory(box.path('start', 'agent'));
  const ended = box.phlb('undo', '--turn', 't', '--json');
  const unchanged = isDeepStrictEqual([...was], [...changed]);
  if (ended.status === 1) assert.ok(unchanged, ended.stderr);
  else assert.equal(ended.status, 0, ended.stderr);
  assertSameTrees(box.path('start', 'agent'), folders.agents);
  assertSameRights(was, inventory(folders.agents));
  assertSameTrees(box.path('end', 'mine'), folders.mine);
  if (ended.status === 1) return;
  const { safetySnapshot } = JSON.parse(ended.stdout) as Restored;
  if (safetySnapshot !== null) box.json(0, 'undo');
  assertSameTrees(box.path('end'), source);
}

// Of a symlink its mode says nothing. Times come back to the microsecond.
function assertSameRights(was: ReturnType<typeof inventory>, now: ReturnType<typeof inventory>): void {
  const rights = (nodes: typeof was): string[] =>
    [...nodes].map(([path, { type, mode }]) => `${path} ${type} ${type === 'link' ? '' : mode}`);
  assert.deepEqual(rights(now), rights(was));
  for (const [path, { type, mtime }] of was) {
    const apart = (now.get(path)?.mtime ?? 0n) - mtime;
    if (type === 'file') assert.ok(apart <= 1000n && apart >= -1000n, `${path} ${apart}`);
  }
}

describe('turns of an agent', () => {
  let box: Sandbox;
  let source: string;

  beforeEach(() => {
    box = new Sandbox();
    source = box.path('project');
    box.write({
      'project/src/a.ts': 'a',
      'project/src/b.ts': 'b',
      'project/notes/today.md': 'mine',
      'project/old/one.txt': '1',
      'project/old/two.txt': '2',
      'project/.gitignore': 'data/\n',
      'project/data/rows.csv': 'what git does not know',
    });
  });
  afterEach(() => box.dispose());

  const file = (path: string): string => join(source, path);
  const mark = (turn: string, ...more: string[]): void => {
    elapseIfAny();
    box.json(0, 'backup', source, '--skip-unchanged', '--cause', 'Some Agent', '--turn', turn, ...more);
  };
  const elapseIfAny = (): void => {
    if (existsSync(box.root)) elapse(box.root);
  };
  const undo = (status: number, turn: string, ...more: string[]): Restored =>
    box.json<Restored>(status, 'undo', '--turn', turn, ...more);
  const changes = (turn: string): string[] =>
    box
      .json<{ changes: { path: string; change: string }[] }>(0, 'diff', '--turn', turn)
      .changes.map(({ path, change }) => `${change} ${path}`);
  const listed = (): Listed[] =>
    box.json<{ sources: { snapshots: Listed[] }[] }>(0, 'list').sources.flatMap(one => one.snapshots);
  const keep = (name: string): void => void execFileSync('cp', ['-a', source, box.path(name)]);

  it('are listed by their names, shown as changes, and taken back one by one', () => {
    keep('start');
    mark('t1');
    writeFileSync(file('src/a.ts'), 'by a tool');
    mark('t1');
    execFileSync('sh', ['-c', 'echo shell >> src/b.ts; mkdir -p made/by; echo x > made/by/shell; rm -r old'], {
      cwd: source,
    });
    mark('t1');
    writeFileSync(file('notes/today.md'), 'edited by me in between');
    mark('t2');
    execFileSync('git', ['init', '-q'], { cwd: source });
    execFileSync('git', ['add', 'src'], { cwd: source });
    mark('t2', '--before');
    execFileSync('git', ['clean', '-qfdx', '-e', 'made'], { cwd: source });
    mark('t2');
    assert.ok(!existsSync(file('data')) && !existsSync(file('notes')), 'git clean took them');

    assert.deepEqual(
      listed().map(({ cause, turns = [] }) => [cause, ...turns.map(({ id, part }) => `${part} ${id}`)].join(', ')),
      [
        'Some Agent, before t1',
        'Some Agent, after t1',
        'Some Agent, after t1',
        'Some Agent, before t2',
        'Some Agent, before t2',
        'Some Agent, after t2',
      ],
    );
    assert.deepEqual(changes('t1'), [
      'added made',
      'added made/by',
      'added made/by/shell',
      'removed old',
      'removed old/one.txt',
      'removed old/two.txt',
      'modified src/a.ts',
      'modified src/b.ts',
    ]);
    assert.deepEqual(
      changes('t2').filter(line => !line.includes('.git/')),
      ['removed .gitignore', 'removed data', 'removed data/rows.csv', 'removed notes', 'removed notes/today.md'],
    );

    // The second one first, then the first one: mine is back, and stays.
    const dry = undo(0, 't2', '--dry-run');
    const told = undo(0, 't2');
    assert.deepEqual(dry.created, told.created);
    assert.equal(readFileSync(file('data/rows.csv'), 'utf8'), 'what git does not know');
    assert.equal(readFileSync(file('notes/today.md'), 'utf8'), 'edited by me in between');
    assert.equal(readFileSync(file('src/a.ts'), 'utf8'), 'by a tool', 'the first turn stays');
    undo(0, 't1');
    assert.equal(readFileSync(file('notes/today.md'), 'utf8'), 'edited by me in between');
    writeFileSync(file('notes/today.md'), 'mine');
    rmSync(file('.git'), { recursive: true });
    assertSameTrees(box.path('start'), source);
    box.json(0, 'verify');
  });

  it('can be taken back though later ones stand, and as it was an undo can be undone', () => {
    mark('t1');
    writeFileSync(file('src/a.ts'), 'turn 1');
    mark('t1');
    writeFileSync(file('src/b.ts'), 'turn 2');
    mark('t2', '--before');
    mark('t2');
    keep('after');
    const told = undo(0, 't1');
    assert.deepEqual(told.overwritten, [{ path: 'src/a.ts' }]);
    assert.equal(readFileSync(file('src/a.ts'), 'utf8'), 'a');
    assert.equal(readFileSync(file('src/b.ts'), 'utf8'), 'turn 2');
    const again = undo(0, 't1');
    assert.deepEqual([again.overwritten, again.left, again.safetySnapshot], [[], [], null], 'nothing is left to do');
    box.json(0, 'undo');
    assertSameTrees(box.path('after'), source);
  });

  it('leave and name what somebody else has changed, during the turn or since', () => {
    mark('t');
    writeFileSync(file('src/a.ts'), 'agent');
    writeFileSync(file('src/b.ts'), 'agent');
    mark('t');
    appendFileSync(file('src/b.ts'), ' and me');
    writeFileSync(file('notes/today.md'), 'me, during the turn');
    mark('t', '--before');
    mkdirSync(file('new'));
    writeFileSync(file('new/c.ts'), 'agent');
    writeFileSync(file('old/one.txt'), 'agent');
    writeFileSync(file('old/two.txt'), 'agent');
    mark('t');
    writeFileSync(file('new/mine.ts'), 'me, since');
    appendFileSync(file('old/two.txt'), ' and me, since');
    assert.ok(!changes('t').join().includes('notes'), 'what a person did is not the turn');

    const told = undo(0, 't');
    assert.deepEqual(
      told.left.map(({ path, reason }) => `${path} ${reason}`),
      ['new changed', 'old/two.txt changed', 'src/b.ts changed'],
    );
    assert.equal(readFileSync(file('src/a.ts'), 'utf8'), 'a');
    assert.equal(readFileSync(file('src/b.ts'), 'utf8'), 'agent and me');
    assert.equal(readFileSync(file('notes/today.md'), 'utf8'), 'me, during the turn');
    assert.equal(readFileSync(file('old/one.txt'), 'utf8'), '1');
    assert.equal(readFileSync(file('old/two.txt'), 'utf8'), 'agent and me, since');
    assert.ok(!existsSync(file('new/c.ts')) && existsSync(file('new/mine.ts')));
    assert.match(box.phlb('undo', '--turn', 't').stdout, /Left as it is: src\/b\.ts \(somebody else has changed it\)/);
  });

  it('bring back types, modes, links and times', () => {
    symlinkSync('a.ts', file('src/link'));
    chmodSync(file('src/b.ts'), 0o755);
    utimesSync(file('src/b.ts'), 1e9, 1e9);
    for (const folder of ['src', 'old', '.']) utimesSync(file(folder), 1.1e9, 1.1e9);
    keep('start');
    mark('t');
    chmodSync(file('src/b.ts'), 0o600);
    rmSync(file('src/link'));
    mkdirSync(file('src/link'));
    writeFileSync(file('src/link/inside'), 'x');
    rmSync(file('old'), { recursive: true });
    symlinkSync('/etc', file('old'));
    renameSync(file('src/a.ts'), file('src/renamed.ts'));
    mark('t');
    undo(0, 't');
    assertSameTrees(box.path('start'), source);
    for (const path of ['.', 'src', 'src/b.ts']) {
      assert.equal(statSync(file(path)).mtimeMs, statSync(box.path('start', path)).mtimeMs, path);
    }
    assert.ok(existsSync('/etc/passwd'));
  });

  it('leave a git repository that stands, unless asked; one that is gone comes back', () => {
    const git = (...args: string[]): string =>
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: source, encoding: 'utf8' });
    git('init', '-q', '-b', 'main');
    git('add', '.');
    git('commit', '-qm', 'one');
    mark('commit');
    writeFileSync(file('src/a.ts'), 'committed by the agent');
    git('commit', '-qam', 'two');
    mark('commit');
    git('status');
    keep('committed');
    const told = undo(0, 'commit');
    assert.deepEqual(told.left, [{ path: '.git', reason: 'repository' }]);
    assert.equal(readFileSync(file('src/a.ts'), 'utf8'), 'a');
    assert.match(git('log', '--format=%s'), /two/);
    box.json(0, 'undo');
    assertSameTrees(box.path('committed'), source);
    undo(0, 'commit', '--git');
    assert.equal(git('log', '--format=%s'), 'one\n');
    assert.equal(git('status', '--porcelain'), '');
    git('fsck', '--strict');

    mark('gone');
    rmSync(file('.git'), { recursive: true });
    mark('gone');
    undo(0, 'gone');
    assert.equal(git('log', '--format=%s'), 'one\n');
  });

  it('count by their marks where nothing has changed, and none of them piles up', () => {
    mark('first');
    for (let n = 0; n < 70; n++)
      box.json(0, 'backup', source, '--skip-unchanged', '--cause', 'Idle', '--turn', `i${n}`);
    assert.equal(listed().length, 1);
    assert.equal(listed()[0]?.turns?.length, 64);
    assert.match(box.phlb('list').stdout, /before Idle i68, before Idle i69, before 62 more turns/);
    writeFileSync(file('src/a.ts'), 'at last');
    mark('i69');
    assert.deepEqual(changes('i69'), ['modified src/a.ts']);
    const [nothing, unknown] = [box.phlb('undo', '--turn', 'i68'), box.phlb('undo', '--turn', 'nonsense')];
    assert.equal(nothing.status, 1);
    assert.match(nothing.stderr, /^phlb: Nothing has changed in turn i68, or no snapshot was taken after it.*\n$/);
    assert.equal(unknown.status, 1);
    assert.match(unknown.stderr, /^phlb: There is no turn nonsense.*\n$/);
  });

  it('leave nothing of any edits, and nothing of anybody else', async () => {
    // Special files are only recorded.
    const edit = editArbitrary.filter(({ kind }) => kind !== 'fifo');
    const edits = fc.array(edit, { minLength: 1, maxLength: 12 });
    const steps = fc.array(fc.record({ mine: edits, agents: edits }), { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(edits, steps, fc.nat({ max: 1 }), (start, parts, after) => {
        const own = new Sandbox();
        try {
          judge(own, start, parts, after === 1);
        } finally {
          own.dispose();
        }
        return Promise.resolve();
      }),
      { seed: 20261129, numRuns: Number(process.env['PHLB_TEST_RUNS'] ?? 5), endOnFailure: true },
    );
  });

  it('say so where their snapshots have gone in between', () => {
    mark('t');
    writeFileSync(file('src/a.ts'), '1');
    mark('t');
    writeFileSync(file('src/a.ts'), '2');
    mark('t');
    const [, second] = listed();
    assert.ok(second);
    execFileSync('rm', ['-rf', join(box.root, second.id)]);
    const ended = box.phlb('undo', '--turn', 't');
    assert.match(ended.stderr, /Snapshots of this turn were deleted/);
    assert.equal(readFileSync(file('src/a.ts'), 'utf8'), 'a');
  });

  it('have ids and causes that are one plain line', () => {
    for (const [option, value] of [
      ['--turn', ''],
      ['--turn', 'two words'],
      ['--turn', 'x'.repeat(121)],
      ['--turn', 'a\u202eb'],
      ['--cause', 'two\nlines'],
      ['--cause', '\u001b[31mred'],
      ['--cause', 'x'.repeat(101)],
      ['--cause', ' '],
    ] as const) {
      const ended = box.phlb('backup', source, option, value);
      assert.equal(ended.status, option === '--turn' || option === '--cause' ? 2 : 0, `${option} ${value}`);
      assert.equal(ended.stderr.trim().split('\n').length, 1);
    }
    assert.equal(box.phlb('backup', source, '--before').status, 2);
    assert.ok(!existsSync(box.root));
    // Records come from anywhere.
    mark('t');
    const [one] = listed();
    const record = join(box.root, '.phlb/manifests', `${one?.id}.json`);
    const text = JSON.parse(readFileSync(record, 'utf8')) as object;
    writeFileSync(
      record,
      JSON.stringify({ ...text, cause: 'a\nb', turns: [{ id: 'x y' }, null, { id: 't', step: -1 }, 7] }),
    );
    assert.deepEqual([listed()[0]?.cause, listed()[0]?.turns], [undefined, undefined]);
    writeFileSync(record, JSON.stringify({ ...text, turns: 'nonsense' }, undefined, 1));
    mark('t2');
    assert.deepEqual(listed()[0]?.turns, [{ id: 't2', part: 'before', cause: 'Some Agent' }]);
  });
});
