import * as assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { Command, NEEDS_ARGUMENT, type BackupReply } from '../../src/contributions.js';
import type { VerifyResult } from '../../src/engine/words/model.js';
import { api as apiOfPhlb, backUp, callApi, closeEditors, scratchFolder, workspaceFolder } from './workspace.js';

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

  it('say in a line that what was chosen has gone, else a menu in the moment of a refresh tells of a mistake in PHLB', async () => {
    const api = await apiOfPhlb();
    for (const id of Object.keys(NEEDS_ARGUMENT) as (keyof typeof NEEDS_ARGUMENT)[]) {
      const call = api[id] as (...args: unknown[]) => Promise<unknown>;
      for (const args of [[], [undefined, []], [null]]) {
        await assert.rejects(
          call(...args),
          /^PhlbError: What was chosen is no longer there\. Choose it once more\.$/,
          id,
        );
      }
    }
  });

  it('leave the open file alone where a menu was opened on a node that the tree has forgotten', async () => {
    await backUp();
    await vscode.window.showTextDocument(vscode.Uri.file(report));
    assert.ok(await vscode.commands.executeCommand(Command.showVersions));
    assert.equal(await vscode.commands.executeCommand(Command.showVersions, undefined, undefined), undefined);
  });

  it('do nothing at all where one of the selected nodes has been forgotten, else one is left out without a word', async () => {
    const { id } = await backUp();
    const selected = [id, undefined];
    await assert.rejects(
      async () => vscode.commands.executeCommand(Command.deleteSnapshot, id, selected),
      /What was chosen is no longer there\. Choose it once more\./,
    );
    assert.equal((await callApi<VerifyResult>(Command.verify, id)).snapshots, 1);
  });

  it('say of a folder that is not there that it was not backed up', async () => {
    const missing = vscode.Uri.file('/no/such/broken');
    const reply = await vscode.commands.executeCommand<BackupReply>(Command.backupFolder, missing);
    const [result] = reply.snapshots;
    assert.equal(result?.published, false);
    assert.equal(result.id, null);
    assert.equal(result.errors[0]?.code, 'source');
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
});
