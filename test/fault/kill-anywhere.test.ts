import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EngineClient } from '../../src/worker/client.js';
import { placeOf, startEngine } from '../unit/support/engine.js';
import { assertSameTrees } from '../unit/support/judges.js';
import { CLI, Sandbox } from '../unit/support/sandbox.js';
import { inventory } from '../unit/support/trees.js';
import { flip } from '../unit/support/damage.js';
import { Ground, must } from './support/ground.js';
import { helper, leftovers, seeded } from './support/processes.js';

/** Two hundred in all, at moments drawn from a seed (PHLB_TEST_SEED). */
const KILLS = { first: 36, incremental: 40, prune: 30, purge: 30, heal: 30, restore: 34 };

const DAMAGED = [0, 3, 4, 9];

describe('A kill -9 at any change that a run makes on disk', function () {
  this.timeout(180_000);
  let box: Sandbox;
  let ground: Ground;
  let engine: EngineClient;
  let source: string;
  let copies: string;
  let random: () => number;

  beforeEach(() => {
    box = new Sandbox();
    ground = new Ground(box);
    // In memory where that can be had: the disk of a test machine is slow and shared.
    ground.tmpfs('home', 'size=300m');
    engine = startEngine();
    random = seeded();
    source = box.path('home/documents');
    copies = box.path('home/copies');
    must('mkdir', '-p', join(copies, 'documents'));
    for (let i = 0; i < 24; i++) box.write({ [`home/documents/d${i % 4}/${i}.txt`]: `content ${i} `.repeat(300) });
    for (let i = 0; i < 3; i++) box.write({ [`home/documents/d${i}/same.txt`]: 'the same everywhere' });
    box.write({ 'home/documents/large.bin': 'l'.repeat((1 << 20) + 5) });
  });
  afterEach(async () => {
    await engine.dispose();
    ground.dispose();
    box.dispose();
  });

  it('of a first backup leaves no half snapshot, and the next one uses every file that was copied whole', async () => {
    let reused = 0;
    await eachKill(KILLS.first, ['backup', source], async () => {
      const copied = wholeLeftovers();
      const published = snapshots();
      for (const id of published) assertSameTrees(source, join(box.root, id));
      await engine.call('backup', { place: placeOf(box), source });
      const ids = snapshots();
      assert.equal(ids.length, published.length + 1);
      for (const id of ids) assertSameTrees(source, join(box.root, id));
      const inodes = new Set([...inventory(join(box.root, ids.at(-1) ?? '')).values()].map(({ inode }) => inode));
      for (const [path, inode] of copied) assert.ok(inodes.has(inode), `${path} was copied again`);
      reused += copied.length;
      assertTidy();
    });
    assert.ok(reused > 50, `only ${reused} files were reused`);
  });

  it('of a later backup harms no older one, and the next one is whole', async () => {
    await history(3);
    // Long enough ago to be linked without being read.
    await sleep(2100);
    edit(3);
    await eachKill(KILLS.incremental, ['backup', source], async known => {
      assertUnharmed(known);
      const published = snapshots().filter(id => !known.includes(id));
      await engine.call('backup', { place: placeOf(box), source });
      for (const id of snapshots().filter(id => !known.includes(id))) assertSameTrees(source, join(box.root, id));
      assert.equal(snapshots().length, known.length + published.length + 1);
      assertUnharmed(known);
      assertShared();
      assertTidy();
    });
  });

  it('of a prune leaves whole snapshots only, and the next one ends with those that were to stay', async () => {
    await history(6);
    await eachKill(KILLS.prune, ['prune', '--keep-last', '2'], async known => {
      const left = snapshots();
      assertUnharmed(left);
      assert.deepEqual(left.slice(-2), known.slice(-2));
      await engine.call('prune', { place: placeOf(box), rules: { keepLast: 2 } });
      assertUnharmed(known.slice(-2));
      assert.deepEqual(snapshots(), known.slice(-2));
      await engine.call('backup', { place: placeOf(box), source });
      assertTidy();
    });
  });

  it('of a purge takes nothing else out of any snapshot, and the next one takes out the rest', async () => {
    for (let i = 0; i < 4; i++) box.write({ [`home/documents/d${i}/big.iso`]: `secret ${i}`.repeat(99) });
    box.write({ 'home/documents/d1/old.iso/inside': 'secret, too' });
    await history(3);
    await eachKill(KILLS.purge, ['purge', '*.iso', '--yes'], async known => {
      for (const line of differences()) assert.match(line, /^Only in \S*\/copies\/\S*: (big|old)\.iso$/);
      await engine.call('purge', { place: placeOf(box), glob: '*.iso', dryRun: false });
      assert.equal(differences().length, 5 * known.length);
      assert.deepEqual(statesIn(box.root, '*.iso'), statesIn(join(template(), 'PyHardLinkBackups'), '*.iso'));
      assertTidy();
      await assertVerified();
    });
  });

  it('of a heal makes nothing worse, and the next one heals the rest', async () => {
    await history(3);
    const before = statesIn(box.root);
    const [first = ''] = snapshots();
    for (const i of DAMAGED) flip(join(box.root, first, `d${i % 4}/${i}.txt`));
    rmSync(join(box.root, first, 'd2'), { recursive: true });
    const damage = differences();
    await eachKill(KILLS.heal, ['verify', '--heal'], async known => {
      for (const line of differences()) {
        const files = line.includes('d2') && /\.txt$/.test(line);
        assert.ok(damage.includes(line) || files, `was not damaged before: ${line}`);
      }
      const { damaged, healed } = await engine.call('verify', { place: placeOf(box), snapshots: [], heal: true });
      assert.equal(healed.length, damaged.length);
      assertUnharmed(known, before);
      assertTidy();
      await assertVerified();
    });
  });

  it('of a restore loses nothing of what it replaces, and undo or the next restore needs no help', async () => {
    await history(2);
    for (let i = 0; i < 24; i += 2) writeFileSync(join(source, `d${i % 4}/${i}.txt`), `edited ${i}`);
    rmSync(join(source, 'd3'), { recursive: true });
    box.write({ 'home/documents/since/x.txt': 'came since' });
    must('cp', '-a', source, join(copies, 'before'));
    const [, wanted = ''] = snapshots();
    let undone = 0;
    await eachKill(KILLS.restore, ['restore', wanted, '--delete'], async (known, round) => {
      assertUnharmed(known);
      for (const [path, { type, sha256 }] of inventory(source)) {
        if (type !== 'file' || path.includes('.phlb-restore-')) continue;
        const olds = [join(copies, 'before', path), join(copies, wanted, path)].filter(old => existsSync(old));
        assert.ok(
          olds.some(old => inventory(old).get('')?.sha256 === sha256),
          `${path} is neither old nor new`,
        );
      }
      const saved = snapshots().length > known.length;
      if (saved && round % 2 === 0) {
        await engine.call('undo', { place: placeOf(box) });
        undone++;
        assertSameTrees(join(copies, 'before'), source);
      } else {
        const { errors } = await engine.call('restore', {
          ...{ place: placeOf(box), snapshot: wanted, paths: [], delete: round % 4 === 1 },
        });
        assert.deepEqual(errors, []);
        for (const name of ['since', 'd2/6.txt']) rmSync(join(source, name), { recursive: true, force: true });
        assertSameTrees(join(copies, wanted), source);
      }
      assertUnharmed(known);
      await engine.call('backup', { place: placeOf(box), source });
      assertTidy();
    });
    assert.ok(undone > 3);
  });

  /** Takes snapshots of a source that changes in between; a copy of each, by cp, is what they will be judged by. */
  async function history(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      if (i > 0) edit(i);
      const { id } = await engine.call('backup', { place: placeOf(box), source });
      must('cp', '-a', source, join(copies, id ?? ''));
    }
  }

  function edit(i: number): void {
    writeFileSync(join(source, `d${i % 4}/${i}.txt`), `edited ${i} `.repeat(200));
    renameSync(join(source, `d2/${i * 4 + 2}.txt`), join(source, `d3/moved ${i}.txt`));
    box.write({ [`home/documents/new ${i}/one.txt`]: `new ${i} `.repeat(400) });
    box.write({ [`home/documents/new ${i}/large.bin`]: `${i}`.repeat((1 << 20) + 9) });
  }

  /** Runs a command from the same state again and again, killed at another change each time, and judges what is left. */
  async function eachKill(
    count: number,
    command: string[],
    judge: (known: string[], round: number) => Promise<void>,
  ): Promise<void> {
    const known = snapshots();
    must('mkdir', template());
    must(
      'sh',
      '-c',
      'cd "$1" && for f in PyHardLinkBackups .state documents; do test ! -e $f || cp -a $f "$2"; done',
      'sh',
      box.home,
      template(),
    );
    const counted = box.path('home/changes');
    assert.equal(dying(command, { PHLB_DIE_COUNT: counted }), null);
    const changes = Number(readFileSync(counted, 'utf8'));
    assert.ok(changes > 50, `${command.join(' ')} changes the disk ${changes} times only`);
    for (let round = 0; round < count;) {
      must(
        'sh',
        '-c',
        'cd "$1" && rm -rf PyHardLinkBackups .state documents && cp -a "$2"/. .',
        'sh',
        box.home,
        template(),
      );
      const at = 1 + Math.floor(random() * changes);
      // One that ends before it: threads take turns as they like, so that a run may need a change fewer.
      if (dying(command, { PHLB_DIE_AT: String(at) }) !== 'SIGKILL') continue;
      try {
        await judge(known, round++);
      } catch (error) {
        throw new Error(`killed at change ${at} of ${changes}`, { cause: error });
      }
    }
    await assertVerified();
  }

  function dying(command: string[], env: NodeJS.ProcessEnv): NodeJS.Signals | null {
    const args = ['--require', helper('dying'), CLI, ...command];
    const options = { cwd: box.dir, env: { ...box.env, ...env }, encoding: 'utf8' } as const;
    const { status, signal, stderr } = spawnSync(process.execPath, args, options);
    assert.ok(status === 0 || signal === 'SIGKILL', `${status} ${signal} ${stderr}`);
    return signal;
  }

  function template(): string {
    return box.path('home/template');
  }

  function snapshots(): string[] {
    const folder = join(box.root, 'documents');
    return existsSync(folder)
      ? readdirSync(folder)
          .sort()
          .map(stamp => `documents/${stamp}`)
      : [];
  }

  /** What diff finds between the snapshots and their copies. */
  function differences(): string[] {
    const { stdout, status } = spawnSync(
      'diff',
      ['-rq', '--no-dereference', join(copies, 'documents'), join(box.root, 'documents')],
      { encoding: 'utf8' },
    );
    assert.ok(status === 0 || status === 1);
    return stdout.split('\n').filter(Boolean);
  }

  /** These hold what their copies hold, and not even a mode or a time in them is another. */
  function assertUnharmed(ids: readonly string[], before = statesIn(join(template(), 'PyHardLinkBackups'))): void {
    for (const id of ids) assertSameTrees(join(copies, id), join(box.root, id));
    const among = (state: string): boolean => ids.some(id => state.startsWith(`${id}/`) || state.startsWith(`${id} `));
    assert.deepEqual(statesIn(box.root).filter(among), before.filter(among));
  }

  // No content has been stored twice, whatever the dead run has left.
  function assertShared(): void {
    const files = [...inventory(join(box.root, 'documents')).values()].filter(({ type }) => type === 'file');
    const contents = new Set(files.map(({ sha256, mode }) => `${sha256} ${mode}`));
    assert.equal(new Set(files.map(({ inode }) => inode)).size, contents.size);
  }

  function assertTidy(): void {
    assert.deepEqual(leftovers(box.root), []);
    const ids = snapshots();
    assert.deepEqual(
      [
        ...new Set(readdirSync(join(box.root, '.phlb/manifests/documents')).map(file => file.replace(/\..*/, ''))),
      ].sort(),
      ids.map(id => id.slice('documents/'.length)),
    );
  }

  async function assertVerified(): Promise<void> {
    const { damaged } = await engine.call('verify', { place: placeOf(box), snapshots: [] });
    assert.deepEqual(damaged, []);
  }

  /** Files that the dead run has finished, with their inodes. */
  function wholeLeftovers(): [path: string, inode: bigint][] {
    return leftovers(box.root).flatMap(name => {
      const tree = join(box.root, '.phlb/partial', name, 'tree');
      if (!existsSync(tree)) return [];
      return [...inventory(tree)].flatMap(([path, { type, mode, inode, sha256 }]): [string, bigint][] =>
        type === 'file' && mode === 0o444 && sha256 === inventory(join(source, path)).get('')?.sha256
          ? [[path, inode]]
          : [],
      );
    });
  }
});

/** Names, types, modes and times in all snapshots, as find tells them. */
function statesIn(root: string, except = ''): string[] {
  const told = must(
    'find',
    root,
    '-mindepth',
    '2',
    '-path',
    `${root}/.phlb`,
    '-prune',
    '-o',
    ...(except === '' ? [] : ['-name', except, '-prune', '-o']),
    '-mindepth',
    '2',
    '-printf',
    '%P %y %m %T@\\n',
  );
  return told
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('.phlb'))
    .sort();
}
