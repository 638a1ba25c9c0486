import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { Sandbox, type SnapshotJson } from '../support/sandbox.js';

interface Pruned {
  kept: { id: string; reasons: string[] }[];
  deleted: string[];
}

describe('A source that is suddenly empty', () => {
  let box: Sandbox;
  let source: string;

  beforeEach(() => {
    box = new Sandbox();
    source = box.path('documents');
    box.write({ 'documents/report.md': 'years of work', 'documents/sub/a': 'a' });
  });
  afterEach(() => box.dispose());

  it('is told by every run, published or not, until it has files again', () => {
    const good = box.backup(source);
    assert.deepEqual(good.warnings, []);
    empty();
    for (const args of [[], ['--skip-unchanged'], ['--skip-unchanged'], ['--dry-run'], []]) {
      const told = box.backupWith(0, source, ...args);
      assert.deepEqual(codes(told), ['emptied'], args.join(' '));
      assert.ok(told.warnings[0]?.message.includes(source) && told.warnings[0].message.includes(good.id));
    }
    const { status, stderr } = box.phlb('backup', source, '--skip-unchanged');
    assert.equal(status, 0);
    assert.match(stderr, /^phlb: No files of [^\n]* are stored now[^\n]*\n$/);
    box.write({ 'documents/report.md': 'mounted again' });
    assert.deepEqual(box.backup(source).warnings, []);
    assert.equal(box.phlb('backup', source).stderr, '');
  });

  it('is told when only its rules empty it, also those of an ignore file', () => {
    box.backup(source);
    assert.deepEqual(codes(box.backup(source, '--exclude', '**')), ['emptied']);
    assert.deepEqual(codes(box.backup(source)), ['emptied'], 'they are remembered');
    assert.deepEqual(codes(box.backup(source, '--exclude', 'x')), []);
    box.write({ 'documents/.phlbignore': '*\n' });
    assert.deepEqual(codes(box.backup(source)), ['emptied']);
  });

  it('is not told of one that never had files, nor of one that has some left', () => {
    mkdirSync(box.path('new/sub'), { recursive: true });
    for (let run = 0; run < 2; run++) assert.deepEqual(box.backup(box.path('new')).warnings, []);
    box.backup(source);
    rmSync(box.path('documents/report.md'));
    assert.deepEqual(box.backup(source).warnings, []);
  });

  it('never loses the newest snapshot with files to retention, which takes it when there are newer ones', () => {
    const older = box.backup(source);
    writeFileSync(box.path('documents/report.md'), 'newer');
    const good = box.backup(source);
    empty();
    const bare = [box.backup(source), box.backup(source), box.backup(source)].map(({ id }) => id);
    const dry = prune('--dry-run');
    assert.deepEqual(dry.deleted, [older.id, bare[0], bare[1]]);
    assert.deepEqual(dry.kept, [
      { id: good.id, reasons: ['files'] },
      { id: bare[2], reasons: ['last'] },
    ]);
    assert.deepEqual(prune(), dry);
    assert.deepEqual(prune().deleted, []);
    assert.equal(box.run(['cat', box.path('home/PyHardLinkBackups', good.id, 'report.md')]).stdout, 'newer');
    box.write({ 'documents/report.md': 'again' });
    const again = box.backup(source);
    assert.deepEqual(prune().kept, [{ id: again.id, reasons: ['last'] }]);
  });

  function empty(): void {
    renameSync(source, box.path('elsewhere'));
    mkdirSync(source);
  }

  function prune(...args: string[]): Pruned {
    return box.json<Pruned>(0, 'prune', 'documents', '--keep-last', '1', ...args);
  }
});

function codes({ warnings }: SnapshotJson): string[] {
  return warnings.map(({ code }) => code);
}
