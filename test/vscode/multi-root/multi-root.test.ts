import * as assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { Command, type BackupReply } from '../../../src/contributions.js';
import type { RestoreResult } from '../../../src/engine/words/model.js';
import { activeTab, callApi, closeEditors, pastFile, waitFor } from '../workspace.js';

const folders = (): string[] => (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
const backUpAll = (): Thenable<BackupReply> => vscode.commands.executeCommand(Command.backupWorkspace);

describe('A workspace of several folders', () => {
  afterEach(closeEditors);

  it('is backed up as a whole, one snapshot a folder, else one of them has no past', async () => {
    assert.equal(folders().length, 2);
    const { snapshots } = await backUpAll();
    assert.deepEqual(
      snapshots.map(({ source }) => source),
      folders(),
    );
    for (const { path, source } of snapshots) {
      assert.equal(
        readFileSync(join(path ?? '', 'letters', 'brief.txt'), 'utf8'),
        readFileSync(join(source, 'letters', 'brief.txt'), 'utf8'),
      );
    }
  });

  it('compares a file in the encoding that the settings of its folder give it, else all umlauts have changed', async () => {
    const folder = folders()[1] ?? '';
    const text = 'Grüße aus Köln\n';
    const file = vscode.Uri.file(join(folder, 'umlauts.txt'));
    writeFileSync(file.fsPath, Buffer.from(text, 'latin1'));
    const settings = vscode.workspace.getConfiguration('files', file);
    await settings.update('encoding', 'windows1252', vscode.ConfigurationTarget.WorkspaceFolder);
    const { snapshots } = await backUpAll();
    const past = await pastFile('umlauts.txt', snapshots[1]?.id ?? '', folder);
    for (const uri of [past, file]) {
      await waitFor(`the text of ${uri.toString()}`, () =>
        vscode.workspace.textDocuments.some(one => one.uri.toString() === uri.toString() && one.getText() === text),
      );
    }
  });

  it('has back a file of a folder whose name addresses must encode', async () => {
    const odd = folders()[1] ?? '';
    const report = join(odd, 'report.md');
    const { snapshots } = await backUpAll();
    const id = snapshots[1]?.id ?? '';
    assert.match(id, /^grün & 100% #1\//);
    writeFileSync(report, 'ruined\n');
    const past = await pastFile('report.md', id, odd);
    assert.equal(past.path, vscode.Uri.file(report).path, 'another path would show as a rename');
    assert.match(activeTab()?.label ?? '', /^report\.md \(Today \d\d:\d\d\) ↔ report\.md$/);
    const result = await callApi<RestoreResult>(Command.restore, past);
    assert.deepEqual(result.overwritten, [{ path: 'report.md' }]);
    assert.match(readFileSync(report, 'utf8'), /^# Report/);
    await vscode.commands.executeCommand(Command.openFile, past);
    const tab = await waitFor('the past file', activeTab);
    assert.ok(tab.input instanceof vscode.TabInputText || tab.input instanceof vscode.TabInputTextDiff);
  });
});
