import * as assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { Command, type BackupReply } from '../../src/contributions.js';
import type { RestoreResult } from '../../src/engine/model.js';
import { activeTab, backUp, closeEditors, pastFile, scratchFolder, waitFor, workspaceFolder } from './workspace.js';

const TITLE = /^report\.md \(Today \d\d:\d\d\) ↔ report\.md$/;

describe('Commands', () => {
  let report: string;

  before(() => (report = join(workspaceFolder(), 'report.md')));
  beforeEach(() => writeFileSync(report, 'first\n'));
  afterEach(closeEditors);

  it('back the workspace up and say what they have stored', async () => {
    const result = await backUp();
    assert.equal(result.source, workspaceFolder());
    assert.equal(result.published, true);
    assert.equal(readFileSync(join(result.path, 'report.md'), 'utf8'), 'first\n');
  });

  it('back up any folder that is given, without a question', async () => {
    const other = scratchFolder();
    try {
      const folder = join(other.path, 'photos');
      mkdirSync(folder);
      writeFileSync(join(folder, 'a.txt'), 'a');
      const uri = vscode.Uri.file(folder);
      const reply = await vscode.commands.executeCommand<BackupReply>(Command.backupFolder, uri);
      const [result] = reply.snapshots;
      assert.equal(result?.source, folder);
      assert.equal(readFileSync(join(result.path ?? '', 'a.txt'), 'utf8'), 'a');
    } finally {
      other.remove();
    }
  });

  it('say of a folder that is not there that it was not backed up', async () => {
    const missing = vscode.Uri.file('/no/such/broken');
    const reply = await vscode.commands.executeCommand<BackupReply>(Command.backupFolder, missing);
    const [result] = reply.snapshots;
    assert.equal(result?.published, false);
    assert.equal(result.id, null);
    assert.equal(result.errors[0]?.code, 'source');
  });

  it('compare a file with a snapshot, the past on the left', async () => {
    const { id } = await backUp();
    writeFileSync(report, 'second\n');
    const past = await pastFile('report.md', id);
    assert.match(activeTab()?.label ?? '', TITLE);
    const document = await vscode.workspace.openTextDocument(past);
    assert.equal(document.getText(), 'first\n');
    await closeEditors();
    await vscode.commands.executeCommand(Command.compareWithCurrent, past);
    const tab = await waitFor('the comparison', activeTab);
    assert.match(tab.label, TITLE);
    assert.ok(tab.input instanceof vscode.TabInputTextDiff);
    assert.equal(tab.input.modified.fsPath, report);
  });

  it('open a past file', async () => {
    const { id } = await backUp();
    const past = await pastFile('report.md', id);
    await closeEditors();
    await vscode.commands.executeCommand(Command.openFile, past);
    const tab = await waitFor('the past file', activeTab);
    assert.ok(tab.input instanceof vscode.TabInputText);
    assert.equal(tab.input.uri.toString(), past.toString());
  });

  it('restore a past file in its place, else a backup is worth nothing', async () => {
    const { id } = await backUp();
    const past = await pastFile('report.md', id);
    writeFileSync(report, 'ruined\n');
    const result = await vscode.commands.executeCommand<RestoreResult>(Command.restore, past);
    assert.deepEqual(result.overwritten, [{ path: 'report.md' }]);
    assert.ok(result.safetySnapshot);
    assert.equal(readFileSync(report, 'utf8'), 'first\n');
  });

  it('back up every folder that is selected in the Explorer, not only the one under the mouse', async () => {
    const other = scratchFolder();
    try {
      const folders = ['one', 'two'].map(name => join(other.path, name));
      for (const folder of folders) mkdirSync(folder);
      const uris = folders.map(folder => vscode.Uri.file(folder));
      const reply = await vscode.commands.executeCommand<BackupReply>(Command.backupFolder, uris[0], uris);
      assert.deepEqual(
        reply.snapshots.map(({ source }) => source),
        folders,
      );
    } finally {
      other.remove();
    }
  });

  it('reject a folder, or a file that the snapshot does not hold, instead of showing an empty comparison', async () => {
    const { id } = await backUp();
    const past = await pastFile('report.md', id);
    const letters = past.with({ path: past.path.replace(/report\.md$/, 'letters') });
    const none = past.with({ path: past.path.replace(/report\.md$/, 'none.md') });
    for (const uri of [letters, none]) {
      await assert.rejects(async () => vscode.commands.executeCommand(Command.compareWithCurrent, uri));
      await assert.rejects(async () => vscode.commands.executeCommand(Command.openFile, uri));
    }
    const later = join(workspaceFolder(), 'later.md');
    writeFileSync(later, 'later\n');
    try {
      const uri = vscode.Uri.file(later);
      await assert.rejects(async () => vscode.commands.executeCommand(Command.compareFileWithSnapshot, uri, id));
    } finally {
      rmSync(later);
    }
  });

  it('reject what does not exist, so that a script notices', async () => {
    await assert.rejects(async () => vscode.commands.executeCommand(Command.restore, 'documents/1999-01-01-000000'));
    const report = vscode.Uri.file(join(workspaceFolder(), 'report.md'));
    await assert.rejects(async () =>
      vscode.commands.executeCommand(Command.compareFileWithSnapshot, report, 'documents/1999-01-01-000000'),
    );
  });
});
