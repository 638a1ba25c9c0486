import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ScrubResult } from '../../src/engine/scrub.js';
import type { EngineClient } from '../../src/worker/client.js';
import { flip } from '../support/damage.js';
import { locationOf, startEngine } from '../support/engine.js';
import { sameInode } from '../support/judges.js';
import { Sandbox, type Published } from '../support/sandbox.js';

const SIZE = 1000;

describe('the scrub', () => {
  let box: Sandbox;
  let source: string;
  let engine: EngineClient;
  let first: Published;

  beforeEach(() => {
    box = new Sandbox();
    engine = startEngine();
    source = box.path('documents');
    const content = (letter: string): string => letter.repeat(SIZE);
    for (const letter of 'abcdef') box.write({ [`documents/${letter}/${letter}.txt`]: content(letter) });
    first = box.backup(source);
    renameSync(join(source, 'a'), join(source, 'moved'));
    box.write({ 'documents/g.txt': content('g'), 'notes/h.txt': content('h'), 'notes/a.txt': content('a') });
    box.backup(source);
    box.backup(box.path('notes'));
  });
  afterEach(async () => {
    await engine.dispose();
    box.dispose();
  });

  it('comes round to every stored file in bounded steps, and begins again', async () => {
    const rounds: ScrubResult[][] = [];
    for (let round = 0; round < 2; round++) {
      const steps: ScrubResult[] = [];
      do steps.push(await scrub(3 * SIZE));
      while (!steps.at(-1)?.wholeRound && steps.length < 50);
      rounds.push(steps);
    }
    for (const steps of rounds) {
      assert.ok(steps.every(step => step.bytesChecked <= 3 * SIZE && step.damaged.length === 0));
      const checked = steps.reduce((sum, step) => sum + step.filesChecked, 0);
      // Moved or shared with another source, a file may be looked at again; the rest is passed over.
      assert.ok(checked >= inodes() && checked <= inodes() + 3, `${checked} of ${inodes()}`);
    }
    assert.equal(rounds[1]?.length, rounds[0]?.length);
  });

  it('finds damage wherever it is, within one round, and no run links it from then on', async () => {
    for (const victim of ['a/a.txt', 'f/f.txt']) {
      flip(join(first.path, victim));
      const found: string[] = [];
      for (let step = 0, done = false; !done; step++) {
        assert.ok(step < 50);
        const result = await scrub(4 * SIZE);
        done = result.wholeRound;
        found.push(...result.damaged.map(({ snapshot, path, problem }) => `${snapshot} ${path} ${problem}`));
      }
      assert.ok(found.includes(`${first.id} ${victim} content`), victim);
      flip(join(first.path, victim));
    }
    flip(join(first.path, 'b/b.txt'));
    const { damaged, wholeRound } = await scrub();
    assert.deepEqual([damaged.length, wholeRound], [2, true], 'both of its names');
    const next = box.backup(source);
    assert.ok(next.damaged.some(({ path }) => path === 'b/b.txt'));
    assert.ok(!sameInode(join(next.path, 'b/b.txt'), join(first.path, 'b/b.txt')));
    box.json(3, 'verify', first.id);
    flip(join(first.path, 'b/b.txt'));
    box.json(0, 'verify');
  });

  it('goes on after snapshots were removed, added or damaged, and after nonsense in its memory', async () => {
    await scrub(SIZE);
    rmSync(first.path, { recursive: true });
    await scrub(SIZE);
    box.write({ 'documents/new.txt': 'new' });
    const { id } = box.backup(source);
    assert.equal((await scrub()).wholeRound, true);
    writeFileSync(box.manifest(id), 'no manifest');
    assert.equal((await scrub()).wholeRound, true);
    for (const nonsense of [
      '',
      'null',
      '{}',
      '{"name":7}',
      '[1]',
      '{"name":"z","sequence":9,"stamp":"","directory":""}',
    ]) {
      writeFileSync(join(box.root, '.phlb/scrub.json'), nonsense);
      assert.equal((await scrub()).wholeRound, true, nonsense);
    }
  });

  it('looks at something even if it is told to look at nothing', async () => {
    assert.equal((await scrub(0)).filesChecked, 1);
  });

  function scrub(maxBytes?: number): Promise<ScrubResult> {
    return engine.call('scrub', { location: locationOf(box), ...(maxBytes === undefined ? {} : { maxBytes }) });
  }

  function inodes(): number {
    const find = `find "$1" -path "$1/.phlb" -prune -o -type f -printf '%i\\n' | sort -u | wc -l`;
    return Number(spawnSync('sh', ['-c', find, 'sh', box.root], { encoding: 'utf8' }).stdout);
  }
});
