import * as assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { Command } from '../../src/contributions.js';
import type { RestoreResult } from '../../src/engine/words/model.js';
import { discarding } from '../../src/host/editor/dirty-editors.js';
import {
  backUp,
  callApi,
  closeEditors,
  markTurn,
  pastFile,
  scratchFolder,
  waitFor,
  workspaceFolder,
} from './workspace.js';

describe('Restoring a file that is open with unsaved changes', () => {
  let folder: string;
  let report: string;

  // In a browser the editor saves by itself, a second later.
  const autoSave = (value: string | undefined): Thenable<void> =>
    vscode.workspace.getConfiguration('files').update('autoSave', value, vscode.ConfigurationTarget.Global);
  before(() => autoSave('off'));
  after(() => autoSave(undefined));

  beforeEach(async () => {
    folder = join(workspaceFolder(), 'drafts');
    report = join(folder, 'report.md');
    mkdirSync(folder);
    writeFileSync(report, 'first\n');
    writeFileSync(join(folder, 'other.md'), 'first\n');
  });
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await closeEditors();
    rmSync(folder, { recursive: true });
  });

  const named = ({ errors }: RestoreResult): string[] => errors.map(({ path, code }) => `${path} ${code}`);
  const read = (): string => readFileSync(report, 'utf8');

  async function typeInto(path: string, text = 'unsaved\n'): Promise<vscode.TextDocument> {
    const document = await vscode.workspace.openTextDocument(vscode.Uri.file(path));
    await vscode.window.showTextDocument(document, { preview: false });
    // The editor keeps the text of the test before for minutes, and its watcher tells of a file that goes and comes again at once
    // sometimes only. What is typed while it reads the file again is lost.
    await vscode.commands.executeCommand('workbench.action.files.revert');
    await waitFor('the text on the disk', () => document.getText() === readFileSync(path, 'utf8'));
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), text);
    await vscode.workspace.applyEdit(edit);
    assert.ok(document.isDirty);
    return document;
  }

  it('by a script leaves it and names it, and restores the rest, else the next save undoes it without a word', async () => {
    const { id } = await backUp();
    writeFileSync(report, 'second\n');
    writeFileSync(join(folder, 'other.md'), 'second\n');
    const document = await typeInto(report);
    const result = await callApi<RestoreResult>(Command.restore, id);
    assert.deepEqual(named(result), ['drafts/report.md EDIRTY']);
    assert.deepEqual(result.overwritten, [{ path: 'drafts/other.md' }]);
    assert.equal(read(), 'second\n');
    assert.equal(document.getText(), 'unsaved\n');
  });

  it('names it also where the disk has the right content already, which the next save replaces', async () => {
    const { id } = await backUp();
    await typeInto(report);
    assert.deepEqual(named(await callApi(Command.restore, id)), ['drafts/report.md EDIRTY']);
  });

  it('leaves it, too, when what an agent did to it is taken back', async () => {
    markTurn('with-an-editor-open');
    writeFileSync(report, 'by the agent\n');
    writeFileSync(join(folder, 'other.md'), 'by the agent\n');
    markTurn('with-an-editor-open');
    await typeInto(report);
    const result = await callApi<RestoreResult>(Command.undoTurn, 'with-an-editor-open');
    assert.deepEqual(named(result), ['drafts/report.md EDIRTY']);
    assert.deepEqual(result.overwritten, [{ path: 'drafts/other.md' }]);
    assert.equal(read(), 'by the agent\n');
  });

  it('names it where its file is gone from the disk', async () => {
    const { id } = await backUp();
    await typeInto(report);
    rmSync(report);
    const past = (await pastFile('drafts/other.md', id)).with({ path: folder });
    assert.deepEqual(named(await callApi(Command.restore, past)), ['drafts/report.md EDIRTY']);
    writeFileSync(report, '');
  });

  it('does not take a restore of it back either', async () => {
    const { id } = await backUp();
    writeFileSync(report, 'second\n');
    await callApi(Command.restore, id);
    await typeInto(report);
    assert.deepEqual(named(await callApi(Command.undoRestore, 'documents')), ['drafts/report.md EDIRTY']);
    assert.equal(read(), 'first\n');
  });

  it('knows it in another folder, and by another way', async () => {
    const { id } = await backUp();
    const past = (await pastFile('drafts/report.md', id)).with({ path: folder });
    const other = scratchFolder();
    try {
      mkdirSync(join(other.path, 'real', 'drafts'), { recursive: true });
      symlinkSync('real', join(other.path, 'link'));
      const file = join(other.path, 'real', 'drafts', 'report.md');
      writeFileSync(file, 'mine\n');
      await typeInto(file);
      rmSync(file);
      const result = await callApi<RestoreResult>(Command.restoreTo, past, vscode.Uri.file(join(other.path, 'link')));
      assert.deepEqual(named(result), ['drafts/report.md EDIRTY']);
      assert.deepEqual(result.created, [{ path: 'drafts/other.md' }]);
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    } finally {
      other.remove();
    }
  });

  it('gives discarded changes up before anything is written, else auto-save writes them over what was restored', async () => {
    const document = await typeInto(report);
    const work = async (): Promise<string> => {
      writeFileSync(report, 'restored\n');
      // Older than what the editor knows: it would save over it without a question.
      utimesSync(report, 1_000_000_000, 1_000_000_000);
      await document.save();
      return 'done';
    };
    const { result, stale } = await discarding([document.uri], work, () => false);
    assert.deepEqual([result, stale, read(), document.getText()], ['done', [], 'restored\n', 'restored\n']);
    assert.equal(document.isDirty, false);
  });

  it('gives them back where nothing was restored', async () => {
    const document = await typeInto(report);
    await discarding(
      [document.uri],
      async () => undefined,
      () => true,
    );
    assert.deepEqual([document.getText(), document.isDirty, read()], ['unsaved\n', true, 'first\n']);
    const work = (): Promise<never> => Promise.reject(new Error('the disk is gone'));
    await assert.rejects(() => discarding([document.uri], work, () => false), /the disk is gone/);
    assert.deepEqual([document.getText(), document.isDirty, read()], ['unsaved\n', true, 'first\n']);
  });

  it('discards what was changed again while it was restored, and sees that it is gone', async () => {
    const document = await typeInto(report);
    const work = async (): Promise<void> => {
      await typeInto(report, 'typed meanwhile\n');
      writeFileSync(report, 'restored\n');
      utimesSync(report, 1_000_000_000, 1_000_000_000);
    };
    assert.deepEqual((await discarding([document.uri], work, () => false)).stale, []);
    assert.deepEqual([document.getText(), document.isDirty, read()], ['restored\n', false, 'restored\n']);
  });
});
