import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatRecord, readSnapshot, type SnapshotRecord } from '../../src/engine/store/record.js';
import { Layout } from '../../src/engine/store/layout.js';
import { installed } from '../support/judges.js';
import { CLI, Sandbox, type Ended, type SnapshotJson } from '../support/sandbox.js';
import { must } from './support/ground.js';

const NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
const COUNT = 1200;

describe('A snapshot of which very many paths had errors', () => {
  let box: Sandbox;
  let source: string;

  beforeEach(function () {
    box = new Sandbox();
    source = box.path('documents');
    if (process.getuid?.() === 0 && !installed('setpriv')) return this.skip();
    for (let n = 0; n < COUNT; n++) box.write({ [`documents/${n % 10}/locked ${n}`]: `number ${n}` });
    box.write({ 'documents/open.txt': 'can be read' });
  });
  afterEach(() => box.dispose());

  it('names a thousand of them in its record, counts them all, and deletes nothing for want of the rest', () => {
    own();
    const first = backup(0);
    setModes(0o000);
    const second = backup(3);
    assert.equal(second.errors.length, COUNT, 'the result names each');
    const record = JSON.parse(readFileSync(recordOf(second.id ?? ''), 'utf8')) as SnapshotRecord;
    assert.deepEqual([record.errors.length, record.errorCount], [1000, COUNT]);
    const { sources } = json<{ sources: { snapshots: { errors: number }[] }[] }>(0, 'list');
    assert.deepEqual(
      sources[0]?.snapshots.map(({ errors }) => errors),
      [0, COUNT],
    );
    const { changes } = json<{ changes: { change: string }[] }>(0, 'diff', first.id ?? '', second.id ?? '');
    assert.deepEqual([...new Set(changes.map(({ change }) => change))], ['unstored'], 'none of them was removed');

    setModes(0o644);
    const refused = phlb('restore', second.id ?? '', '--delete');
    assert.equal(refused.status, 2);
    assert.match(refused.stderr, /^phlb: More paths had errors in this snapshot than its record names[^\n]*\n$/);
    assert.equal(readdirSync(join(source, '0')).length, COUNT / 10);
    json(0, 'restore', first.id ?? '', '--delete');
    json(0, 'label', second.id ?? '', 'a new label');
    const labelled = JSON.parse(readFileSync(recordOf(second.id ?? ''), 'utf8')) as SnapshotRecord;
    assert.equal(labelled.errorCount, COUNT, 'the count outlives a change of the record');
  });

  it('can be read, were there 240,000 of them with the longest of names', () => {
    own();
    const { id } = backup(0);
    const layout = new Layout(box.root);
    const [name = '', stamp = ''] = (id ?? '').split('/');
    const record = readSnapshot(layout, { name, stamp }).record ?? assert.fail();
    const path = Array(16).fill('\u0001'.repeat(255)).join('/');
    const errors = Array.from({ length: 240_000 }, () => ({
      path,
      code: 'EACCES',
      message: 'EACCES: permission denied',
    }));
    const paths = Array.from({ length: 5000 }, () => path);
    const changes = Array.from({ length: 5000 }, () => ({ kind: 'purge' as const, at: record.startedAt, paths }));
    writeFileSync(recordOf(id ?? ''), formatRecord({ ...record, errors, changes }));
    const read = readSnapshot(layout, { name, stamp });
    assert.equal(read.problem, undefined);
    assert.deepEqual([read.record?.errors.length, read.record?.errorCount], [1000, 240_000]);
    assert.equal(read.record?.changes?.at(-1)?.count, 5000);
    assert.equal(formatRecord(read.record ?? assert.fail()), readFileSync(recordOf(id ?? ''), 'utf8'));
  });

  function recordOf(id: string): string {
    return join(box.root, '.phlb/manifests', `${id}.json`);
  }

  function own(): void {
    if (process.getuid?.() === 0) must('chown', '-R', '65534:65534', box.dir);
  }

  function setModes(mode: number): void {
    for (let n = 0; n < COUNT; n++) chmodSync(join(source, `${n % 10}`, `locked ${n}`), mode);
  }

  function phlb(...args: string[]): Ended {
    const nobody = process.getuid?.() === 0 ? NOBODY : [];
    return box.run([...nobody, process.execPath, CLI, ...args]);
  }

  function json<T>(status: number, ...args: string[]): T {
    const ended = phlb(...args, '--json');
    assert.equal(ended.status, status, ended.stderr.slice(0, 2000));
    return JSON.parse(ended.stdout) as T;
  }

  function backup(status: number): SnapshotJson {
    const { snapshots } = json<{ snapshots: SnapshotJson[] }>(status, 'backup', source);
    return snapshots[0] ?? assert.fail();
  }
});
