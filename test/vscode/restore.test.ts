import * as assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { Command } from '../../src/contributions.js';
import type { RestoreResult } from '../../src/engine/words/model.js';
import { foreignSnapshot } from './foreign.js';
import { backUp, callApi, closeEditors, pastFile, scratchFolder, workspaceFolder } from './workspace.js';

const restore = (...args: unknown[]): Promise<RestoreResult> => callApi(Command.restore, ...args);
const restoreTo = (...args: unknown[]): Promise<RestoreResult> => callApi(Command.restoreTo, ...args);
const undo = (name: string): Promise<RestoreResult> => callApi(Command.undoRestore, name);

describe('Restoring', () => {
  let report: string;
  let notes: string;

  before(() => {
    report = join(workspaceFolder(), 'report.md');
    notes = join(workspaceFolder(), 'notes');
  });
  beforeEach(() => {
    mkdirSync(notes);
    writeFileSync(report, 'first\n');
    writeFileSync(join(notes, 'a.md'), 'a\n');
  });
  afterEach(async () => {
    await closeEditors();
    rmSync(notes, { recursive: true, force: true });
  });

  it('a file puts it back in its place, else a backup is worth nothing', async () => {
    const { id } = await backUp();
    const past = await pastFile('report.md', id);
    writeFileSync(report, 'ruined\n');
    const result = await restore(past);
    assert.deepEqual(result.overwritten, [{ path: 'report.md' }]);
    assert.ok(result.safetySnapshot);
    assert.equal(readFileSync(report, 'utf8'), 'first\n');
  });

  it('a folder leaves alone what came later', async () => {
    const { id } = await backUp();
    const past = await pastFile('report.md', id);
    writeFileSync(join(notes, 'a.md'), 'ruined\n');
    writeFileSync(join(notes, 'later.md'), 'later\n');
    const result = await restore(past.with({ path: notes }));
    assert.deepEqual(result.overwritten, [{ path: 'notes/a.md' }]);
    assert.deepEqual(readdirSync(notes).sort(), ['a.md', 'later.md']);
  });

  it('a whole snapshot by its id', async () => {
    const { id } = await backUp();
    rmSync(notes, { recursive: true });
    writeFileSync(report, 'ruined\n');
    const result = await restore(id);
    assert.deepEqual(result.created, [{ path: 'notes' }, { path: 'notes/a.md' }]);
    assert.equal(readFileSync(join(notes, 'a.md'), 'utf8'), 'a\n');
    assert.equal(readFileSync(report, 'utf8'), 'first\n');
  });

  it('several files of a snapshot in one go, as one restore', async () => {
    const { id } = await backUp();
    const past = await pastFile('report.md', id);
    for (const file of [report, join(notes, 'a.md')]) writeFileSync(file, 'ruined\n');
    const other = past.with({ path: join(notes, 'a.md') });
    const result = await restore(past, [{ uri: past }, { uri: other }, { sourceName: 'documents' }]);
    assert.deepEqual(result.overwritten, [{ path: 'notes/a.md' }, { path: 'report.md' }]);
    await undo('documents');
    assert.deepEqual(
      [readFileSync(report, 'utf8'), readFileSync(join(notes, 'a.md'), 'utf8')],
      ['ruined\n', 'ruined\n'],
    );
  });

  it('all that was deleted in a folder, whatever snapshot held it last, undone as one', async () => {
    // Of the others there are deleted files of earlier tests in the snapshots.
    const box = join(notes, '..', 'box');
    const lost = (): string[] => [...readdirSync(box), ...(existsSync(report) ? [] : ['report'])].sort();
    mkdirSync(box);
    for (const name of ['a.md', 'b.md']) writeFileSync(join(box, name), `${name}\n`);
    await backUp();
    rmSync(join(box, 'a.md'));
    await backUp();
    rmSync(join(box, 'b.md'));
    rmSync(report);
    const [result, ...more] = await callApi<RestoreResult[]>(Command.restoreDeleted, vscode.Uri.file(box));
    assert.deepEqual(
      [result?.created, result?.overwritten, more],
      [[{ path: 'box/a.md' }, { path: 'box/b.md' }], [], []],
    );
    assert.deepEqual(lost(), ['a.md', 'b.md', 'report'], 'the report lies elsewhere');
    await undo('documents');
    assert.deepEqual(lost(), ['report']);
    await callApi(Command.restoreDeleted);
    assert.deepEqual(lost(), ['a.md', 'b.md']);
    assert.deepEqual(await callApi(Command.restoreDeleted, vscode.Uri.file(box)), []);
    await undo('documents');
    rmSync(box, { recursive: true });
  });

  it('a folder and a file of today to a snapshot that is named', async () => {
    const { id } = await backUp();
    writeFileSync(report, 'second\n');
    writeFileSync(join(notes, 'a.md'), 'second\n');
    await callApi(Command.restoreFolder, vscode.Uri.file(notes), id);
    assert.deepEqual([readFileSync(join(notes, 'a.md'), 'utf8'), readFileSync(report, 'utf8')], ['a\n', 'second\n']);
    await callApi(Command.restoreVersion, vscode.Uri.file(report), id);
    assert.equal(readFileSync(report, 'utf8'), 'first\n');
    const elsewhere = vscode.Uri.file(join(notes, '..', '..'));
    await assert.rejects(() => callApi(Command.restoreFolder, elsewhere, id), /No snapshot holds this folder/);
  });

  it('writes nothing where nothing has changed, and asks a person nothing', async () => {
    const { id } = await backUp();
    const past = await pastFile('report.md', id);
    for (const what of [past, { uri: past }]) {
      const result = await restore(what);
      assert.deepEqual([result.created, result.overwritten, result.safetySnapshot], [[], [], null]);
      assert.equal(result.unchanged, 1);
    }
  });

  it('can be undone, and that too, else a wrong restore costs the work of a day', async () => {
    const { id } = await backUp();
    rmSync(notes, { recursive: true });
    writeFileSync(report, 'ruined\n');
    await restore(id);
    const undone = await undo('documents');
    assert.equal(readFileSync(report, 'utf8'), 'ruined\n');
    assert.equal(existsSync(notes), false);
    assert.deepEqual(undone.overwritten, [{ path: 'report.md' }]);
    assert.ok(undone.safetySnapshot);
    await undo('documents');
    assert.equal(readFileSync(report, 'utf8'), 'first\n');
    assert.equal(readFileSync(join(notes, 'a.md'), 'utf8'), 'a\n');
  });

  it('of a name that is not valid UTF-8 brings back the very bytes', async () => {
    const odd = Buffer.from(join(notes, 'caf\xe9.md'), 'latin1');
    writeFileSync(odd, 'odd\n');
    const { id } = await backUp();
    const past = await pastFile('report.md', id);
    const entries = await vscode.workspace.fs.readDirectory(past.with({ path: notes }));
    const name = entries.map(([entry]) => entry).find(entry => entry.startsWith('caf'));
    rmSync(odd);
    const result = await restore(past.with({ path: `${notes}/${name}` }));
    assert.deepEqual(result.created, [{ path: 'notes/caf\udce9.md' }]);
    assert.equal(readFileSync(odd, 'utf8'), 'odd\n');
  });

  it('rejects what does not exist, so that a script notices', async () => {
    await assert.rejects(() => restore('documents/1999-01-01-000000'));
    await assert.rejects(() => restoreTo('documents/1999-01-01-000000', vscode.Uri.file('/tmp')));
    await assert.rejects(() => undo('no such source'));
  });

  it('into another folder leaves what is there, and names it, else it costs other files', async () => {
    const { id } = await backUp();
    const other = scratchFolder();
    try {
      const folder = vscode.Uri.file(join(other.path, 'here'));
      const first = await restoreTo(id, folder);
      assert.equal(first.errors.length, 0);
      assert.equal(first.safetySnapshot, null);
      assert.equal(readFileSync(join(folder.fsPath, 'notes', 'a.md'), 'utf8'), 'a\n');
      writeFileSync(join(folder.fsPath, 'report.md'), 'mine\n');
      const past = await pastFile('report.md', id);
      const second = await restoreTo(past, folder);
      assert.deepEqual(
        second.errors.map(({ path, code }) => [path, code]),
        [['report.md', 'EEXIST']],
      );
      assert.equal(readFileSync(join(folder.fsPath, 'report.md'), 'utf8'), 'mine\n');
      await assert.rejects(() => restoreTo(past, vscode.Uri.parse('untitled:/x')), /on a disk/);
    } finally {
      other.remove();
    }
  });

  it('of another computer works into any folder, and is refused in a place that it has not', async () => {
    const id = await foreignSnapshot();
    await assert.rejects(() => restore(id), /another computer/);
    const other = scratchFolder();
    try {
      const result = await restoreTo(id, vscode.Uri.file(other.path));
      assert.deepEqual(result.created, [{ path: 'far.txt' }]);
      assert.equal(readFileSync(join(other.path, 'far.txt'), 'utf8'), 'far away\n');
    } finally {
      other.remove();
    }
  });
});
