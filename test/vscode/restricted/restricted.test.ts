import * as assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { Command } from '../../../src/contributions.js';
import { backUp, backupRoot, callApi, save, workspaceFolder } from '../workspace.js';

describe('A folder that is not trusted', () => {
  it('is not trusted, else this tests nothing', () => {
    assert.equal(vscode.workspace.isTrusted, false);
  });

  it('cannot redirect backups, leave files out of them or thin them out', async () => {
    const first = await backUp();
    const second = await backUp();
    assert.deepEqual(
      [first, second].map(({ path }) => dirname(dirname(path))),
      [backupRoot(), backupRoot()],
    );
    assert.equal(existsSync(join(dirname(workspaceFolder()), 'elsewhere')), false);
    // Its settings, ignore files and cache tag all say that there is nothing to be stored.
    assert.equal(execFileSync('diff', ['-r', workspaceFolder(), second.path], { encoding: 'utf8' }), '');
    assert.equal(snapshots().length, 2);
  });

  it('is not backed up automatically, whatever it asks for', async () => {
    const before = snapshots();
    // Consent, so that nothing but the missing trust holds it up.
    assert.equal(await callApi<boolean>(Command.turnOnAutoBackup), false);
    // A person is told why not, and asked nothing.
    assert.equal(await vscode.commands.executeCommand(Command.turnOnAutoBackup), false);
    await saveReport();
    // Three of its intervals.
    await new Promise(resolve => setTimeout(resolve, 3600));
    assert.deepEqual(snapshots(), before);
  });

  it('sets no agent up, whose hooks would run in it', async () => {
    await assert.rejects(callApi(Command.setUpAgents, ['cursor']), /Restricted Mode/);
    assert.equal(existsSync(join(homedir(), '.cursor')), false);
  });

  it('can be looked at in its past', async () => {
    const { id } = await backUp();
    const file = vscode.Uri.file(join(workspaceFolder(), 'report.md'));
    await vscode.commands.executeCommand(Command.compareFileWithSnapshot, file, id);
    const past = vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === 'phlb');
    assert.equal(past?.getText(), readFileSync(file.fsPath, 'utf8'));
  });
});

async function saveReport(): Promise<void> {
  const document = await vscode.workspace.openTextDocument(join(workspaceFolder(), 'report.md'));
  const edit = new vscode.WorkspaceEdit();
  edit.insert(document.uri, new vscode.Position(0, 0), 'saved\n');
  assert.ok(await vscode.workspace.applyEdit(edit));
  await save(document);
}

function snapshots(): string[] {
  return readdirSync(join(backupRoot(), 'documents'));
}
