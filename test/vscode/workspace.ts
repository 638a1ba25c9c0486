import * as assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { BackupReply, CommandId, PhlbApi } from '../../src/contributions.js';
import type { BackupResult } from '../../src/engine/words/model.js';

/** The folder that the runner has opened: `documents` with `report.md` and `letters/brief.txt`. */
export function workspaceFolder(): string {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder, 'no folder is open');
  return folder.uri.fsPath;
}

/** Where the runner's home folder keeps backups. */
export function backupRoot(): string {
  return join(homedir(), 'PyHardLinkBackups');
}

/** What PHLB gives scripts: it asks nothing. */
export async function api(): Promise<PhlbApi> {
  const extension = vscode.extensions.getExtension<PhlbApi>('phlb.phlb');
  assert.ok(extension, 'phlb.phlb is not installed');
  return extension.activate();
}

/** Calls a function of it by the command's id. */
export async function callApi<R>(id: CommandId, ...args: unknown[]): Promise<R> {
  const call = (await api())[id] as (...given: unknown[]) => Promise<R>;
  return call(...args);
}

/** Takes a snapshot of the open folder. */
export async function backUp(): Promise<BackupResult & { id: string; path: string }> {
  const reply = await vscode.commands.executeCommand<BackupReply>('phlb.backupWorkspace');
  const [result] = reply.snapshots;
  assert.ok(result?.id && result.path, JSON.stringify(reply));
  return { ...result, id: result.id, path: result.path };
}

/** Marks the open folder as an agent's hooks do, before and after a turn. Returns the id of the snapshot that it takes. */
export function markTurn(turn: string): string {
  const cli = join(vscode.extensions.getExtension('phlb.phlb')?.extensionPath ?? '', 'dist', 'cli.js');
  const args = ['backup', workspaceFolder(), '--root', backupRoot(), '--cause', 'Some Agent', '--turn', turn, '--json'];
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' };
  const [result] = (
    JSON.parse(execFileSync(process.execPath, [cli, ...args], { env, encoding: 'utf8' })) as BackupReply
  ).snapshots;
  assert.ok(result?.id);
  return result.id;
}

/** The address of a file of the open folder in a snapshot, as a comparison shows it. */
export async function pastFile(path: string, snapshotId: string, folder = workspaceFolder()): Promise<vscode.Uri> {
  const file = vscode.Uri.file(join(folder, path));
  await vscode.commands.executeCommand('phlb.compareFileWithSnapshot', file, snapshotId);
  const diff = await waitFor('a comparison', () => {
    const input = activeTab()?.input;
    return input instanceof vscode.TabInputTextDiff && input.original.path === file.path ? input : undefined;
  });
  return diff.original;
}

export function activeTab(): vscode.Tab | undefined {
  return vscode.window.tabGroups.activeTabGroup.activeTab;
}

export async function closeEditors(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
}

/** Asks until there is an answer, for at most that long. */
export async function waitFor<T>(what: string, ask: () => T | undefined | false, milliseconds = 60_000): Promise<T> {
  const end = Date.now() + milliseconds;
  for (;;) {
    const answer = ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > end) assert.fail(`waited ${milliseconds} ms for ${what}`);
    await new Promise(resolve => setTimeout(resolve, 100));
  }
}

/** Saves a document, or lets the editor that is about to save it by itself do so, which `save` answers with false. */
export async function save(document: vscode.TextDocument): Promise<void> {
  await document.save();
  await waitFor(
    'the saved file',
    () => !document.isDirty && readFileSync(document.uri.fsPath, 'utf8') === document.getText(),
  );
}

/** A folder outside of the workspace; `remove` it afterwards. */
export function scratchFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'phlb-other-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
