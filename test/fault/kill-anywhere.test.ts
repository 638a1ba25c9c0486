import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineClient } from '../../src/worker/client.js';
import { elapse } from '../support/elapse.js';
import { locationOf, startEngine } from '../support/engine.js';
import { assertSameTrees } from '../support/judges.js';
import { runProgram } from '../support/run-program.js';
import { CLI, Sandbox } from '../support/sandbox.js';
import { inventory } from '../support/trees.js';
import { flip } from '../support/damage.js';
import { Ground, must } from './support/ground.js';
import { History } from './support/history.js';
import { helper, leftovers, seeded } from './support/processes.js';

/** Two hundred in all, at moments drawn from a seed (PHLB_TEST_SEED). */
const KILLS = { first: 36, incremental: 40, prune: 30, purge: 30, heal: 30, restore: 34 };

const DAMAGED = [0, 3, 4, 9];
/** Too much for the thread that has all else to do: with it the threads of the pool begin. Bytes. */
const LONG = (4 << 20) + 9;

describe('A kill -9 at any change that a run makes on disk', () => {
  let box: Sandbox;
  let ground: Ground;
  let engine: EngineClient;
  let past: History;
  let source: string;
  let copies: string;
  let random: () => number;

  beforeEach(() => {
    box = new Sandbox('as processes');
    ground = new Ground(box);
    // In memory where that can be had: the disk of a test machine is slow and shared.
    ground.tmpfs('home', 'size=300m');
    engine = startEngine();
    random = seeded();
    past = new History(box, engine, box.home);
    ({ source, copies } = past);
  });
  afterEach(async () => {
    await engine.dispose();
    ground.dispose();
    box.dispose();
  });

  it('of a first backup leaves no half snapshot, and the next one uses every file that was copied whole', async () => {
    let reused = 0;
    past.write('huge.bin', 'h'.repeat(LONG));
    await eachKill(KILLS.first, ['backup', source], async () => {
      const copied = wholeLeftovers();
      const published = past.snapshots();
      for (const id of published) assertSameTrees(source, join(box.root, id));
      await engine.call('backup', { location: locationOf(box), source });
      const ids = past.snapshots();
      assert.equal(ids.length, published.length + 1);
      for (const id of ids) assertSameTrees(source, join(box.root, id));
      const inodes = new Set([...inventory(join(box.root, ids.at(-1) ?? '')).values()].map(({ inode }) => inode));
      for (const [path, inode] of copied) assert.ok(inodes.has(inode), `${path} was copied again`);
      reused += copied.length;
      past.assertTidy();
    });
    assert.ok(reused > 50, `only ${reused} files were reused`);
  });

  it('of a later backup harms no older one, and the next one is whole', async () => {
    await past.take(3);
    // Long enough ago to be linked without being read.
    elapse(box.root);
    past.edit(3);
    past.write('huge.bin', 'h'.repeat(LONG));
    await eachKill(KILLS.incremental, ['backup', source], async known => {
      past.assertUnharmed(known);
      const published = past.snapshots().filter(id => !known.includes(id));
      await engine.call('backup', { location: locationOf(box), source });
      for (const id of past.snapshots().filter(id => !known.includes(id))) assertSameTrees(source, join(box.root, id));
      assert.equal(past.snapshots().length, known.length + published.length + 1);
      past.assertUnharmed(known);
      assertShared();
      past.assertTidy();
    });
  });

  it('of a prune leaves whole snapshots only, and the next one ends with those that were to stay', async () => {
    await past.take(6);
    await eachKill(KILLS.prune, ['prune', '--keep-last', '2'], async known => {
      const left = past.snapshots();
      past.assertUnharmed(left);
      assert.deepEqual(left.slice(-2), known.slice(-2));
      await engine.call('prune', { location: locationOf(box), rules: { keepLast: 2 } });
      past.assertUnharmed(known.slice(-2));
      assert.deepEqual(past.snapshots(), known.slice(-2));
      await engine.call('backup', { location: locationOf(box), source });
      past.assertTidy();
    });
  });

  it('of a purge takes nothing else out of any snapshot, and the next one takes out the rest', async () => {
    for (let i = 0; i < 4; i++) past.write(`d${i}/big.iso`, `secret ${i}`.repeat(99));
    past.write('d1/old.iso/inside', 'secret, too');
    await past.take(3);
    await eachKill(KILLS.purge, ['purge', '*.iso', '--yes'], async known => {
      for (const line of past.differences()) assert.match(line, /^Only in \S*\/copies\/\S*: (big|old)\.iso$/);
      await engine.call('purge', { location: locationOf(box), glob: '*.iso', dryRun: false });
      assert.equal(past.differences().length, 5 * known.length);
      assert.deepEqual(past.states('now', '*.iso'), past.states('kept', '*.iso'));
      past.assertTidy();
      await past.assertVerified();
    });
  });

  it('of a heal makes nothing worse, and the next one heals the rest', async () => {
    await past.take(3);
    const before = past.states('now');
    const [first = ''] = past.snapshots();
    for (const i of DAMAGED) flip(join(box.root, first, `d${i % 4}/${i}.txt`));
    rmSync(join(box.root, first, 'd2'), { recursive: true });
    const damage = past.differences();
    await eachKill(KILLS.heal, ['verify', '--heal'], async known => {
      for (const line of past.differences()) {
        const files = line.includes('d2') && /\.txt$/.test(line);
        assert.ok(damage.includes(line) || files, `was not damaged before: ${line}`);
      }
      const { damaged, healed } = await engine.call('verify', { location: locationOf(box), snapshots: [], heal: true });
      assert.equal(healed.length, damaged.length);
      past.assertUnharmed(known, before);
      past.assertTidy();
      await past.assertVerified();
    });
  });

  it('of a restore loses nothing of what it replaces, and undo or the next restore needs no help', async () => {
    await past.take(2);
    for (let i = 0; i < 24; i += 2) writeFileSync(join(source, `d${i % 4}/${i}.txt`), `edited ${i}`);
    rmSync(join(source, 'd3'), { recursive: true });
    past.write('since/x.txt', 'came since');
    must('cp', '-a', source, join(copies, 'before'));
    const [, wanted = ''] = past.snapshots();
    const wholes = ['before', wanted].map(name => inventory(join(copies, name)));
    let undone = 0;
    await eachKill(KILLS.restore, ['restore', wanted, '--delete'], async (known, round) => {
      past.assertUnharmed(known);
      for (const [path, { type, sha256 }] of inventory(source)) {
        if (type !== 'file' || path.includes('.phlb-restore-')) continue;
        assert.ok(
          wholes.some(whole => whole.get(path)?.sha256 === sha256),
          `${path} is neither old nor new`,
        );
      }
      const saved = past.snapshots().length > known.length;
      if (saved && round % 2 === 0) {
        await engine.call('undo', { location: locationOf(box) });
        undone++;
        assertSameTrees(join(copies, 'before'), source);
      } else {
        const { errors } = await engine.call('restore', {
          ...{ location: locationOf(box), snapshot: wanted, paths: [], delete: round % 4 === 1 },
        });
        assert.deepEqual(errors, []);
        for (const name of ['since', 'd2/6.txt']) rmSync(join(source, name), { recursive: true, force: true });
        assertSameTrees(join(copies, wanted), source);
      }
      past.assertUnharmed(known);
      await engine.call('backup', { location: locationOf(box), source });
      past.assertTidy();
    });
    assert.ok(undone > 3);
  });

  /** Runs a command from the same state again and again, killed at another change each time, and judges what is left. */
  async function eachKill(
    count: number,
    command: string[],
    judge: (known: string[], round: number) => Promise<void>,
  ): Promise<void> {
    const known = past.snapshots();
    past.keep();
    const counted = box.path('home/changes');
    assert.equal(dying(command, { PHLB_DIE_COUNT: counted }), null);
    const changes = Number(readFileSync(counted, 'utf8'));
    assert.ok(changes > 50, `${command.join(' ')} changes the disk ${changes} times only`);
    for (let round = 0; round < count;) {
      past.reset();
      const at = 1 + Math.floor(random() * changes);
      // One that ends before it: threads take turns as they like, so that a run may need a change fewer.
      if (dying(command, { PHLB_DIE_AT: String(at) }) !== 'SIGKILL') continue;
      try {
        await judge(known, round++);
      } catch (error) {
        throw new Error(`killed at change ${at} of ${changes}`, { cause: error });
      }
    }
    await past.assertVerified();
  }

  function dying(command: string[], env: NodeJS.ProcessEnv): NodeJS.Signals | null {
    const args = ['--require', helper('dying'), CLI, ...command];
    const options = { cwd: box.dir, env: { ...box.env, ...env } };
    const { status, signal, stderr } = runProgram(process.execPath, args, options);
    assert.ok(status === 0 || signal === 'SIGKILL', `${status} ${signal} ${stderr}`);
    return signal;
  }

  // No content has been stored twice, whatever the dead run has left.
  function assertShared(): void {
    const files = [...inventory(join(box.root, 'documents')).values()].filter(({ type }) => type === 'file');
    const contents = new Set(files.map(({ sha256, mode }) => `${sha256} ${mode}`));
    assert.equal(new Set(files.map(({ inode }) => inode)).size, contents.size);
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
