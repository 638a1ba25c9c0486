import assert from 'node:assert/strict';
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { flip } from '../support/damage.js';
import { assertSameTrees } from '../support/judges.js';
import { Sandbox, type Published } from '../support/sandbox.js';
import { inventory } from '../support/trees.js';
import { leftovers, longFile, seeded, startPhlb, until } from './support/processes.js';

interface Verified {
  snapshots: number;
  damaged: { snapshot: string; path: string; problem: string }[];
}

const FILES = 150;
const KILLS = 5;

describe('A store', () => {
  let box: Sandbox;
  let source: string;
  let snapshots: Published[];

  beforeEach(() => {
    box = new Sandbox();
    source = box.path('documents');
    for (let i = 0; i < FILES; i++) box.write({ [`documents/d${i % 7}/${i}.txt`]: `content ${i}`.repeat(20) });
  });
  afterEach(() => box.dispose());

  it('whose heal is killed at any moment is healed by the next one, times of folders included', async () => {
    const random = seeded();
    snapshots = [box.backup(source), box.backup(source)];
    const times = timesOf();
    for (let i = 0; i < FILES; i += 2) flip(join(snapshots[0]?.path ?? '', `d${i % 7}/${i}.txt`));
    rmSync(join(snapshots[1]?.path ?? '', 'd3'), { recursive: true });
    const killed = await killAtRandom(random, '-heal', 'verify', '--heal');
    const { damaged } = box.json<Verified>(0, 'verify', '--heal');
    for (const { path } of snapshots) assertSameTrees(source, path);
    assert.deepEqual(timesOf(), times, `after ${killed} kills, ${damaged.length} left to heal`);
    assert.deepEqual(box.json<Verified>(0, 'verify').damaged, []);
    assert.deepEqual(leftovers(box.root), []);
  });

  it('whose purge is killed at any moment is purged by the next one, all else as it was', async () => {
    const random = seeded();
    snapshots = [1, 2, 3, 4, 5, 6].map(() => box.backup(source));
    const kept = (path: string): boolean => !/^(d2|.*[05]\.txt)/.test(path);
    const times = timesOf().filter(([path]) => kept(path));
    const glob = '{d2,d2/**,**/*[05].txt}';
    await killAtRandom(random, '-purged', 'purge', glob, '--yes');
    box.json(0, 'purge', glob, '--yes');
    assert.deepEqual(timesOf(), times);
    assert.deepEqual(box.json<Verified>(0, 'verify').damaged, []);
    assert.deepEqual(leftovers(box.root), []);
  });

  it('from which a snapshot is taken away during a verify has no damage', async () => {
    longFile(join(source, 'long.bin'), 100);
    const stays = box.backup(source);
    for (const ms of [0, 250]) {
      const { path } = box.backup(source);
      const run = startPhlb(box, 'verify', '--json');
      await sleep(200 + ms);
      run.child.kill('SIGSTOP');
      renameSync(path, box.path('elsewhere'));
      rmSync(box.path('elsewhere'), { recursive: true });
      run.child.kill('SIGCONT');
      const { code, said } = await run.ended;
      assert.equal(code, 0, said);
      const { snapshots: count, damaged } = JSON.parse(said.slice(said.indexOf('{"snap'))) as Verified;
      // It may have been looked at before it went.
      assert.ok(count === 1 || count === 2, said);
      assert.deepEqual(damaged, []);
    }
    assertSameTrees(source, stays.path);
  });

  // Returns how many runs were killed at their work.
  async function killAtRandom(random: () => number, folder: string, ...args: string[]): Promise<number> {
    let killed = 0;
    for (let i = 0; i < KILLS; i++) {
      const run = startPhlb(box, ...args);
      await until(
        `${folder} has begun or ended`,
        () => leftovers(box.root).some(name => name.endsWith(folder)) || run.child.exitCode !== null,
      );
      await sleep(random() * 120);
      run.child.kill('SIGKILL');
      const { signal } = await run.ended;
      if (signal === 'SIGKILL') killed++;
    }
    return killed;
  }

  function timesOf(): [string, bigint][] {
    return snapshots.flatMap(({ path }) =>
      [...inventory(path)].map(([name, { mtime }]): [string, bigint] => [name, mtime]).sort(),
    );
  }
});
