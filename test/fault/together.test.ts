import assert from 'node:assert/strict';
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineClient } from '../../src/worker/client.js';
import { locationOf, startEngine } from '../support/engine.js';
import { assertSameTrees, installed } from '../support/judges.js';
import { Sandbox, type SnapshotJson } from '../support/sandbox.js';
import { must } from './support/ground.js';
import { leftovers, startPhlb } from './support/processes.js';

const FOLDERS = ['documents', 'photos'];
const FILES = 60;

describe('Many at once on one backup location', () => {
  let box: Sandbox;
  const source = (folder: string): string => box.path(folder);

  beforeEach(() => {
    box = new Sandbox();
    for (const folder of FOLDERS) {
      for (let i = 0; i < FILES; i++) box.write({ [`${folder}/d${i % 5}/${i}`]: `${i % 40} `.repeat(400) });
    }
  });
  afterEach(() => box.dispose());

  for (const count of [2, 4, 8]) {
    it(`${count} processes back up, prune and verify: none fails, and what stays is whole`, async () => {
      for (const folder of FOLDERS) for (let i = 0; i < 3; i++) box.backup(source(folder));
      const before = box.ids();
      const work = [
        ['backup', 'documents'],
        ['prune', '--keep-last', '2'],
        ['verify'],
        ['backup', 'photos', 'documents'],
      ];
      const jobs = Array.from({ length: count }, (_, i) => work[i % work.length] ?? []);
      for (const folder of FOLDERS) writeFileSync(join(source(folder), 'new'), 'brought by all of them');
      const runs = jobs.map(args => startPhlb(box, ...args, '--json', '--quiet'));
      const made: SnapshotJson[] = [];
      const deleted: string[] = [];
      for (const [i, run] of runs.entries()) {
        const { code, said } = await run.ended;
        assert.equal(code, 0, `phlb ${jobs[i]?.join(' ')}: ${said}`);
        const told = JSON.parse(said) as { snapshots?: SnapshotJson[]; deleted?: string[]; damaged?: object[] };
        if (jobs[i]?.[0] === 'backup') made.push(...(told.snapshots ?? []));
        deleted.push(...(told.deleted ?? []));
        assert.deepEqual(told.damaged ?? [], [], 'a snapshot that goes meanwhile is no damage');
      }
      const ids = made.map(({ id }) => id ?? assert.fail());
      assert.equal(new Set(ids).size, made.length, 'each has a snapshot of its own');
      assert.equal(new Set(deleted).size, deleted.length, 'each is deleted once');
      const standing = [...before, ...ids].filter(id => !deleted.includes(id));
      assert.deepEqual(box.ids().sort(), standing.sort(), 'none is lost, none comes back');
      for (const { id, source: folder } of made) {
        if (id !== null && standing.includes(id)) assertSameTrees(folder, join(box.root, id));
      }
      const numbers = standing.map(id => `${id.split('/')[0]} ${sequenceOf(id)}`);
      assert.equal(new Set(numbers).size, standing.length, 'each has a number of its own');
      assertTidy();
      assertContentsStoredOnce();
    });
  }

  it('two windows that each keep the index open save it in turns: it knows all, and nothing is stored twice', async function () {
    if (!installed('sqlite3')) return this.skip();
    const windows = [startEngine(true), startEngine(true)];
    try {
      const location = locationOf(box);
      for (let round = 0; round < 6; round++) {
        await Promise.all(
          windows.map((window, i) => {
            const folder = source(FOLDERS[i] ?? '');
            writeFileSync(join(folder, `round ${round}`), `of both in round ${round}`);
            if (round > 0) renameSync(join(folder, `d${round - 1}`), join(folder, `moved ${round}`));
            return window.call('backup', { location, source: folder });
          }),
        );
        await Promise.all(windows.map(window => window.call('find', { location, glob: `round ${round}` })));
      }
      windows.push(startEngine());
      for (const window of windows) await knowsAll(window);
    } finally {
      for (const window of windows) await window.dispose();
    }
    const [database = ''] = readdirSync(join(box.state, 'index')).filter(name => name.endsWith('.sqlite'));
    const file = join(box.state, 'index', database);
    assert.equal(must('sqlite3', file, 'PRAGMA integrity_check').trim(), 'ok');
    assert.equal(must('sqlite3', file, 'SELECT count(*) FROM snapshot').trim(), '12');
    assertContentsStoredOnce();
    assertTidy();
  });

  async function knowsAll(window: EngineClient): Promise<void> {
    const location = locationOf(box);
    const { matches } = await window.call('find', { location, glob: 'round *' });
    assert.equal(matches.length, 12);
    for (const folder of FOLDERS) {
      const file = join(source(folder), 'moved 5', '4');
      const { versions } = await window.call('versions', { location, file });
      assert.deepEqual(
        versions.map(({ path }) => path),
        ['moved 5/4', 'd4/4'],
      );
    }
  }

  // By what the manifests say and find(1) sees.
  function assertContentsStoredOnce(): void {
    const count = (script: string): number => Number(must('sh', '-c', script, 'sh', box.root));
    assert.equal(
      count('find "$1" -path "$1/.phlb" -prune -o -type f -printf "%i\\n" | sort -u | wc -l'),
      count('cat "$1"/.phlb/manifests/*/*.gz | gzip -dc | grep -ao "sha256=[^ ]*" | sort -u | wc -l'),
    );
  }

  function assertTidy(): void {
    assert.deepEqual(leftovers(box.root), []);
    assert.deepEqual(readdirSync(join(box.root, '.phlb')).sort(), ['manifests', 'partial', 'store.json']);
    assert.equal(box.phlb('verify').status, 0);
  }

  function sequenceOf(id: string): number {
    return (JSON.parse(readFileSync(box.manifest(id).replace('.mtree.gz', '.json'), 'utf8')) as { sequence: number })
      .sequence;
  }
});
