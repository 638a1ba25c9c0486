import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allocatedByFiles, random } from '../support/disk.js';
import { assertSameTrees } from '../support/judges.js';
import { Sandbox, type Published } from '../support/sandbox.js';

interface Pruned {
  kept: { id: string; reasons: string[] }[];
  deleted: string[];
  freedBytes: number;
}

describe('phlb prune', () => {
  let box: Sandbox;
  let root: string;
  let snapshots: Published[];

  // Four snapshots, by their records taken on three days; each has a file of 4096 bytes of its own.
  before(() => {
    box = new Sandbox();
    root = box.root;
    box.write({ 'documents/same': random(8192) });
    snapshots = ['2026-01-05T09:00', '2026-01-06T09:00', '2026-01-06T10:00', '2026-01-07T09:00'].map(time => {
      writeFileSync(box.path('documents/changing'), random(4096));
      const snapshot = box.backup('documents');
      record(snapshot.id, { startedAt: new Date(time).toISOString() });
      return snapshot;
    });
  });
  after(() => box.dispose());

  // Each test works on a copy of them.
  beforeEach(() => {
    root = box.path('root');
    rmSync(root, { recursive: true, force: true });
    execFileSync('cp', ['-a', box.root, root]);
    box.env['PHLB_ROOT'] = root;
  });

  it('shows beforehand just what it then does, and frees what it said', () => {
    const [first, second, third, fourth] = ids();
    const before = allocatedByFiles(root);
    const dry = box.json<Pruned>(0, 'prune', '--keep-daily', '2', '--dry-run');
    assert.deepEqual(dry, {
      kept: [
        { id: third, reasons: ['daily'] },
        { id: fourth, reasons: ['daily'] },
      ],
      deleted: [first, second],
      freedBytes: 8192,
    });
    assert.deepEqual(box.ids(), ids(), 'nothing has gone yet');
    assert.deepEqual(box.json<Pruned>(0, 'prune', '--keep-daily', '2'), dry);
    assert.deepEqual(box.ids(), [third, fourth]);
    assert.equal(before - allocatedByFiles(root), dry.freedBytes);
    assertSameTrees(box.path('documents'), join(root, fourth));
    box.json(0, 'verify');
  });

  it('tells in words what stays and why, and what would go', () => {
    const [first, second, third, fourth] = ids();
    const { stdout, status } = box.phlb('prune', '--keep-last', '1', '--keep-daily', '9', '--dry-run');
    assert.equal(status, 0);
    const rows = stdout.split('\n').map(line => line.trim().split(/ {2,}/));
    assert.deepEqual(rows, [
      ['documents'],
      ['SNAPSHOT', 'TAKEN'],
      [first, '2026-01-05 09:00:00', 'keep: daily'],
      [second, '2026-01-06 09:00:00', 'delete'],
      [third, '2026-01-06 10:00:00', 'keep: daily'],
      [fourth, '2026-01-07 09:00:00', 'keep: last, daily'],
      [''],
      ['1 of 4 snapshots would be deleted, 4.0 KiB freed'],
      [''],
    ]);
    assert.equal(box.phlb('prune', '--keep-last', '1').stdout, '3 of 4 snapshots deleted, 12 KiB freed\n');
    assert.equal(box.phlb('prune', '--keep-last', '1', '--quiet').stdout, '');
  });

  it('without a rule deletes nothing', () => {
    for (const args of [[], ['--keep-last', '0'], ['--keep-within', '0d'], ['documents']]) {
      assert.equal(box.phlb('prune', ...args).stdout, 'No rule was given, so nothing is deleted\n');
      const { kept, deleted } = box.json<Pruned>(0, 'prune', ...args);
      assert.deepEqual([kept.map(({ reasons }) => reasons.length), deleted], [[0, 0, 0, 0], []]);
    }
    assert.deepEqual(box.ids(), ids());
  });

  it('keeps what is pinned, what has no readable record, and by --keep-within what is young', () => {
    const [first, second, third, fourth] = ids();
    box.json(0, 'pin', first);
    rmSync(manifest(second, 'json'));
    assert.deepEqual(box.json<Pruned>(0, 'prune', '--keep-within', '1d').kept, [
      { id: first, reasons: ['pinned'] },
      { id: second, reasons: ['unreadable'] },
      { id: third, reasons: ['within'] },
      { id: fourth, reasons: ['within'] },
    ]);
    const { deleted } = box.json<Pruned>(0, 'prune', '--keep-within', '1h');
    assert.deepEqual([deleted, box.ids()], [[third], [first, second, fourth]]);
  });

  it('judges each source by itself, or only the one that is named', () => {
    box.write({ 'other/file': 'x' });
    const other = box.backup(box.path('other')).id;
    const named = box.json<Pruned>(0, 'prune', 'other', '--keep-last', '1', '--dry-run');
    assert.deepEqual([named.kept.map(({ id }) => id), named.deleted], [[other], []]);
    const both = box.json<Pruned>(0, 'prune', '--keep-last', '1');
    assert.deepEqual([both.kept.map(({ id }) => id), both.deleted], [[ids()[3], other], ids().slice(0, 3)]);
    const { status, stderr } = box.phlb('prune', 'nowhere', '--keep-last', '1');
    assert.equal(status, 1);
    assert.match(stderr, /^phlb: There is no source nowhere[^\n]*\n$/);
  });

  it('keeps safety snapshots for 30 days and the newest 10 for longer', () => {
    writeFileSync(box.path('documents/changing'), 'edited');
    const { safetySnapshot } = box.json<{ safetySnapshot: string }>(0, 'restore', ids()[3]);
    record(safetySnapshot, { startedAt: '2026-01-01T00:00:00.000Z' });
    const { kept, deleted } = box.json<Pruned>(0, 'prune', '--keep-last', '4');
    assert.deepEqual([kept.map(({ id }) => id), deleted], [ids(), []]);
    assert.ok(box.ids('--all').includes(safetySnapshot));
    // Eleven more, made of the others.
    for (const id of ids()) record(id, { kind: 'safety', startedAt: '2026-01-01T00:00:00.000Z' });
    for (let n = 0; n < 7; n++) {
      const id = `documents/2026-10-0${n + 1}-120000`;
      execFileSync('cp', ['-al', join(root, ids()[0]), join(root, id)]);
      for (const kind of ['json', 'mtree.gz']) cpSync(manifest(ids()[0], kind), manifest(id, kind));
      record(id, { sequence: 100 + n, startedAt: new Date().toISOString() });
    }
    const gone = box.json<Pruned>(0, 'prune', '--keep-last', '1').deleted;
    assert.deepEqual(gone, ids().slice(0, 2));
    assert.equal(box.ids('--all').length, 10);
  });

  it('takes no number but a count and no duration but one', () => {
    for (const [option, value] of [
      ['--keep-last', 'x'],
      ['--keep-daily', '1.5'],
      ['--keep-daily', '-1'],
      ['--keep-hourly', ''],
      ['--keep-weekly', '99999999999999999999'],
      ['--keep-within', '7'],
      ['--keep-within', '1w'],
    ] as const) {
      const { status, stderr } = box.phlb('prune', `${option}=${value}`);
      assert.equal(status, 2, `${option} ${value}`);
      assert.match(stderr, /^phlb: [^\n]+\n$/);
    }
    assert.deepEqual(box.ids(), ids());
  });

  function ids(): [string, string, string, string] {
    return snapshots.map(({ id }) => id) as [string, string, string, string];
  }

  function manifest(id: string, kind: string): string {
    return join(root, '.phlb/manifests', `${id}.${kind}`);
  }

  // Ages a snapshot, as if its run had been at another time.
  function record(id: string, change: object): void {
    const file = manifest(id, 'json');
    writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), ...change }));
  }
});
