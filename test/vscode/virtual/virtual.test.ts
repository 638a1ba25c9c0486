import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { Command } from '../../../src/contributions.js';

describe('A workspace that is on no disk', () => {
  const folder = (): vscode.Uri => {
    const first = vscode.workspace.workspaceFolders?.[0];
    assert.ok(first, 'no folder is open');
    return first.uri;
  };

  it('may be a snapshot, browsed like any folder', async () => {
    assert.equal(folder().scheme, 'phlb');
    const entries = await vscode.workspace.fs.readDirectory(folder());
    assert.deepEqual(new Map(entries).get('report.md'), vscode.FileType.File);
    const document = await vscode.workspace.openTextDocument(vscode.Uri.joinPath(folder(), 'letters', 'brief.txt'));
    assert.equal(document.getText(), 'Dear reader\n');
  });

  it('is not backed up, and says so in one line', async () => {
    await assert.rejects(
      async () => vscode.commands.executeCommand(Command.backupFolder, folder()),
      /Only folders on a disk can be backed up/,
    );
    const reply = await vscode.commands.executeCommand(Command.backupWorkspace);
    assert.equal(reply, undefined);
  });

  it('lets its files be opened by command', async () => {
    const report = vscode.Uri.joinPath(folder(), 'report.md');
    await vscode.commands.executeCommand(Command.openFile, report);
    const past = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === report.toString());
    assert.match(past?.getText() ?? '', /First version/);
  });
});
