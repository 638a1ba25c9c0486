import * as assert from 'node:assert/strict';
import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { Command, type BackupReply } from '../../src/contributions.js';
import type { DiffResult } from '../../src/engine/diff.js';
import { foreignSnapshot } from './foreign.js';
import {
  activeTab,
  backUp,
  callApi,
  closeEditors,
  pastFile,
  scratchFolder,
  waitFor,
  workspaceFolder,
} from './workspace.js';

const diff = (command: string, ...args: unknown[]): Promise<DiffResult> =>
  Promise.resolve(vscode.commands.executeCommand<DiffResult>(command, ...args));
const told = ({ changes }: DiffResult): string[] => changes.map(({ change, path }) => `${change} ${path}`);

describe('Showing changes', () => {
  let notes: string;

  before(() => (notes = join(workspaceFolder(), 'notes')));
  beforeEach(() => {
    mkdirSync(join(notes, 'inner'), { recursive: true });
    writeFileSync(join(notes, 'a.md'), 'a\n');
    writeFileSync(join(notes, 'b.md'), 'b, which will move\n');
    writeFileSync(join(notes, 'inner', 'c.md'), 'c\n');
    writeFileSync(join(workspaceFolder(), 'report.md'), 'first\n');
  });
  afterEach(async () => {
    await closeEditors();
    rmSync(notes, { recursive: true });
  });

  it('since a snapshot opens all changed files at once, else one opens them one by one', async () => {
    const { id } = await backUp();
    change();
    const result = await diff(Command.showChanges, id);
    assert.equal(result.older, id);
    assert.equal(result.newer, null);
    assert.deepEqual(told(result), [
      'modified notes/a.md',
      'metadata notes/inner/c.md',
      'added notes/link',
      'moved notes/moved.md',
      'modified report.md',
    ]);
    const tab = await waitFor('the changes', activeTab);
    assert.match(tab.label, /^documents: Today \d\d:\d\d ↔ Now/);
  });

  it('of a folder leaves out what lies elsewhere', async () => {
    const { id } = await backUp();
    const past = await pastFile('notes/a.md', id);
    await closeEditors();
    change();
    const result = await diff(Command.showChanges, past.with({ path: notes }));
    assert.deepEqual(told(result), [
      'modified notes/a.md',
      'metadata notes/inner/c.md',
      'added notes/link',
      'moved notes/moved.md',
    ]);
    assert.equal(result.counts.modified, 1);
    const ofToday = await diff(Command.showFolderChanges, vscode.Uri.file(notes), id);
    assert.deepEqual(told(ofToday), told(result));
    const inner = await diff(Command.showChanges, past.with({ path: join(notes, 'inner') }));
    assert.deepEqual(told(inner), ['metadata notes/inner/c.md']);
  });

  it('opens nothing where nothing has changed', async () => {
    const { id } = await backUp();
    assert.deepEqual((await diff(Command.showChanges, id)).changes, []);
    assert.equal(activeTab(), undefined);
  });

  it('counts what the editor cannot open, instead of failing', async () => {
    const { id } = await backUp();
    writeFileSync(Buffer.from(join(notes, 'caf\xe9.md'), 'latin1'), 'x');
    const result = await diff(Command.showChanges, id);
    assert.deepEqual(told(result), ['added notes/caf\udce9.md']);
    assert.equal(activeTab(), undefined);
  });

  it('between two snapshots goes from the older to the newer, however they were selected', async () => {
    const older = await backUp();
    change();
    const newer = await backUp();
    const past = await pastFile('report.md', older.id);
    const recent = await pastFile('report.md', newer.id);
    await closeEditors();
    const [left, right] = [past, recent].map(uri => ({ uri: uri.with({ path: workspaceFolder() }) }));
    const results = [
      await diff(Command.compareSelected, older.id, newer.id),
      await diff(Command.compareSelected, newer.id, older.id),
      await diff(Command.compareSelected, right, [right, left]),
    ];
    for (const result of results) {
      assert.deepEqual([result.older, result.newer], [older.id, newer.id]);
      assert.equal(result.counts.moved, 1);
    }
    assert.match((await waitFor('the changes', activeTab)).label, /^documents: Today \d\d:\d\d ↔ Today \d\d:\d\d/);
    await assert.rejects(() => diff(Command.compareSelected, older.id, undefined));
  });

  it('of one snapshot shows what it has brought, whatever came after it', async () => {
    const older = await backUp();
    change();
    const newer = await backUp();
    writeFileSync(join(notes, 'later.md'), 'later\n');
    const result = await diff(Command.showSnapshotChanges, newer.id);
    assert.deepEqual([result.older, result.newer], [older.id, newer.id]);
    assert.deepEqual(told(result), [
      'modified notes/a.md',
      'metadata notes/inner/c.md',
      'added notes/link',
      'moved notes/moved.md',
      'modified report.md',
    ]);
    assert.match((await waitFor('the changes', activeTab)).label, /^documents: Today \d\d:\d\d ↔ Today \d\d:\d\d/);
  });

  it('of the oldest snapshot tells a script so, and a person in a sentence', async () => {
    const other = scratchFolder();
    const file = join(other.path, 'a.md');
    writeFileSync(file, 'a\n');
    const { snapshots } = await callApi<BackupReply>(Command.backupFolder, vscode.Uri.file(other.path));
    const { id = '', name = '' } = { id: snapshots[0]?.id ?? '', name: snapshots[0]?.name ?? '' };
    try {
      await assert.rejects(() => diff(Command.showSnapshotChanges, id), /oldest snapshot/);
      const past = await pastFile('a.md', id, other.path);
      await closeEditors();
      assert.equal(await diff(Command.showSnapshotChanges, { uri: past.with({ path: other.path }) }), undefined);
      assert.equal(activeTab(), undefined);
    } finally {
      await callApi(Command.forgetSource, name);
      other.remove();
    }
  });

  it('opens a page of very many and says so, else the window stands still', async () => {
    const { id } = await backUp();
    for (let at = 0; at < 120; at++) writeFileSync(join(notes, `page ${at}.md`), `${at}\n`);
    const result = await diff(Command.showChanges, id);
    assert.equal(result.counts.added, 120);
    assert.match((await waitFor('the changes', activeTab)).label, /↔ Now · 1–100 of 120\b/);
  });

  it('of another computer says that there is nothing here to compare with', async () => {
    const id = await foreignSnapshot();
    await assert.rejects(() => diff(Command.showChanges, id), /another computer/);
  });

  function change(): void {
    writeFileSync(join(notes, 'a.md'), 'a, changed\n');
    renameSync(join(notes, 'b.md'), join(notes, 'moved.md'));
    chmodSync(join(notes, 'inner', 'c.md'), 0o600);
    symlinkSync('/etc/passwd', join(notes, 'link'));
    writeFileSync(join(workspaceFolder(), 'report.md'), 'second\n');
  }
});
