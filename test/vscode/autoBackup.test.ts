import * as assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { Command } from '../../src/contributions.js';
import { backUp, backupRoot, closeEditors, waitFor, workspaceFolder } from './workspace.js';

describe('Auto-backup', () => {
  const settings = vscode.workspace.getConfiguration('phlb.autoBackup');
  const set = (key: string, value: unknown): Thenable<void> =>
    settings.update(key, value, vscode.ConfigurationTarget.Workspace);

  beforeEach(async () => {
    await backUp();
    await set('intervalMinutes', 0.1);
    await set('mode', 'onSave');
    // Answers the question for consent.
    await vscode.commands.executeCommand(Command.resumeAutoBackup);
  });
  afterEach(async () => {
    await vscode.commands.executeCommand(Command.resumeAutoBackup);
    await set('mode', undefined);
    await set('intervalMinutes', undefined);
    rmSync(join(workspaceFolder(), '.vscode'), { recursive: true, force: true });
    await closeEditors();
  });

  it('takes what was saved, else a user who forgets to back up loses a day', async () => {
    const text = await saveReport();
    await waitFor('the snapshot', () => newest() === text, 40_000);
  });

  it('does nothing while it is paused, and catches up afterwards', async () => {
    await vscode.commands.executeCommand(Command.pauseAutoBackup);
    const text = await saveReport();
    await new Promise(resolve => setTimeout(resolve, 8000));
    assert.notEqual(newest(), text);
    await vscode.commands.executeCommand(Command.resumeAutoBackup);
    await waitFor('the snapshot', () => newest() === text, 40_000);
  });
});

let saves = 0;

async function saveReport(): Promise<string> {
  const text = `saved ${++saves} at ${Date.now()}\n`;
  const document = await vscode.workspace.openTextDocument(join(workspaceFolder(), 'report.md'));
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), text);
  assert.ok(await vscode.workspace.applyEdit(edit));
  assert.ok(await document.save());
  return text;
}

/** The report in the newest snapshot. */
function newest(): string | undefined {
  const folder = join(backupRoot(), 'documents');
  if (!existsSync(folder)) return undefined;
  const stamp = readdirSync(folder).sort(byNumber).at(-1);
  return stamp === undefined ? undefined : readFileSync(join(folder, stamp, 'report.md'), 'utf8');
}

function byNumber(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
