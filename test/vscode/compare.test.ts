import * as assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { Command } from '../../src/contributions.js';
import type { VersionsResult } from '../../src/engine/versions.js';
import { activeTab, backUp, callApi, closeEditors, pastFile, waitFor, workspaceFolder } from './workspace.js';

const TITLE = /^report\.md \(Today \d\d:\d\d\) ↔ report\.md$/;
const run = (command: string, ...args: unknown[]): Promise<unknown> =>
  Promise.resolve(vscode.commands.executeCommand(command, ...args));

describe('Comparing a file', () => {
  let report: string;
  let notes: string;

  before(() => {
    report = join(workspaceFolder(), 'report.md');
    notes = join(workspaceFolder(), 'notes');
  });
  beforeEach(() => {
    mkdirSync(notes);
    writeFileSync(report, 'first\n');
  });
  afterEach(async () => {
    await closeEditors();
    rmSync(notes, { recursive: true });
  });

  it('with a snapshot shows the past on the left', async () => {
    const { id } = await backUp();
    writeFileSync(report, 'second\n');
    const past = await pastFile('report.md', id);
    assert.match(activeTab()?.label ?? '', TITLE);
    assert.equal(await textOf(past), 'first\n');
    await closeEditors();
    await run(Command.compareWithCurrent, past);
    const tab = await waitFor('the comparison', activeTab);
    assert.match(tab.label, TITLE);
    assert.ok(tab.input instanceof vscode.TabInputTextDiff);
    assert.equal(tab.input.modified.fsPath, report);
  });

  it('opens a past file', async () => {
    const { id } = await backUp();
    const past = await pastFile('report.md', id);
    await closeEditors();
    await run(Command.openFile, past);
    const tab = await waitFor('the past file', activeTab);
    assert.ok(tab.input instanceof vscode.TabInputText);
    assert.equal(tab.input.uri.toString(), past.toString());
  });

  it('rejects a folder, or what the snapshot does not hold, instead of showing an empty comparison', async () => {
    const { id } = await backUp();
    const past = await pastFile('report.md', id);
    for (const uri of [sibling(past, 'letters'), sibling(past, 'none.md')]) {
      await assert.rejects(() => run(Command.compareWithCurrent, uri));
      await assert.rejects(() => run(Command.compareWithPrevious, uri));
      await assert.rejects(() => run(Command.openFile, uri));
    }
    const later = vscode.Uri.file(join(notes, 'later.md'));
    writeFileSync(later.fsPath, 'later\n');
    await assert.rejects(() => run(Command.compareFileWithSnapshot, later, id));
    await assert.rejects(() =>
      run(Command.compareFileWithSnapshot, vscode.Uri.file(report), 'documents/1999-01-01-000000'),
    );
  });

  it('with the snapshot before shows both times, else one cannot tell which is which', async () => {
    await backUp();
    writeFileSync(report, 'second\n');
    const { id } = await backUp();
    const past = await pastFile('report.md', id);
    await closeEditors();
    await run(Command.compareWithPrevious, past);
    const { label, input } = await waitFor('the comparison', activeTab);
    assert.match(label, /^report\.md \(Today \d\d:\d\d\) ↔ report\.md \(Today \d\d:\d\d\)$/);
    assert.ok(input instanceof vscode.TabInputTextDiff);
    assert.deepEqual([await textOf(input.original), await textOf(input.modified)], ['first\n', 'second\n']);
  });

  it('with the snapshot before follows a rename, else a moved file looks new', async () => {
    writeFileSync(join(notes, 'old name.md'), 'ideas for the garden\n');
    await backUp();
    renameSync(join(notes, 'old name.md'), join(notes, 'new name.md'));
    const { id } = await backUp();
    const past = await pastFile('notes/new name.md', id);
    await closeEditors();
    await run(Command.compareWithPrevious, past);
    const { input } = await waitFor('the comparison', activeTab);
    assert.ok(input instanceof vscode.TabInputTextDiff);
    assert.match(input.original.path, /old name\.md$/);
    assert.equal(await textOf(input.original), 'ideas for the garden\n');
  });

  it('with the snapshot before shows a new file as added', async () => {
    await backUp();
    writeFileSync(join(notes, 'new.md'), 'quite new\n');
    const { id } = await backUp();
    const past = await pastFile('notes/new.md', id);
    await closeEditors();
    await run(Command.compareWithPrevious, past);
    const { label } = await waitFor('the comparison', activeTab);
    assert.match(label, /^not there \(Today \d\d:\d\d\) ↔ new\.md \(Today \d\d:\d\d\)/);
  });

  it('never takes what a restore has replaced for the snapshot before', async () => {
    const { id } = await backUp();
    const past = await pastFile('report.md', id);
    writeFileSync(report, 'ruined\n');
    await callApi(Command.restore, past);
    writeFileSync(report, 'second\n');
    const newer = await backUp();
    await closeEditors();
    await run(Command.compareWithPrevious, await pastFile('report.md', newer.id));
    const input = await waitFor('the comparison', () => {
      const shown = activeTab()?.input;
      return shown instanceof vscode.TabInputTextDiff && shown.modified.scheme === 'phlb' ? shown : undefined;
    });
    assert.equal(await textOf(input.original), 'first\n');
  });

  it('that is gone today tells a script so, and a person what helps', async () => {
    writeFileSync(join(notes, 'lost.md'), 'lost words\n');
    const { id } = await backUp();
    const past = await pastFile('notes/lost.md', id);
    await closeEditors();
    rmSync(join(notes, 'lost.md'));
    await assert.rejects(() => run(Command.compareWithCurrent, past), /no longer exists/);
    await run(Command.compareWithCurrent, { uri: past });
    assert.equal(activeTab(), undefined);
    // What is gone can be looked at all the same.
    await run(Command.compareFileWithSnapshot, vscode.Uri.file(join(notes, 'lost.md')), id);
    const { input } = await waitFor('the past file', activeTab);
    assert.ok(input instanceof vscode.TabInputText);
    assert.equal(await textOf(input.uri), 'lost words\n');
  });

  it('finds it under the name that it had then', async () => {
    writeFileSync(join(notes, 'draft.md'), 'a draft of the speech\n');
    const { id } = await backUp();
    renameSync(join(notes, 'draft.md'), join(notes, 'speech.md'));
    await backUp();
    await run(Command.compareFileWithSnapshot, vscode.Uri.file(join(notes, 'speech.md')), id);
    const { input } = await waitFor('the comparison', activeTab);
    assert.ok(input instanceof vscode.TabInputTextDiff);
    assert.match(input.original.path, /notes\/draft\.md$/);
  });

  it('shows a link as its target, not what the link leads to today', async () => {
    symlinkSync('/etc/hostname', join(notes, 'link'));
    const { id } = await backUp();
    rmSync(join(notes, 'link'));
    symlinkSync('/etc/passwd', join(notes, 'link'));
    await run(Command.compareFileWithSnapshot, vscode.Uri.file(join(notes, 'link')), id);
    const { input } = await waitFor('the comparison', activeTab);
    assert.ok(input instanceof vscode.TabInputTextDiff);
    assert.deepEqual([await textOf(input.original), await textOf(input.modified)], ['/etc/hostname', '/etc/passwd']);
  });

  it('compares images, too', async () => {
    const icon = join(vscode.extensions.getExtension('phlb.phlb')?.extensionPath ?? '', 'media', 'icon.png');
    copyFileSync(icon, join(notes, 'logo.png'));
    const { id } = await backUp();
    const past = sibling(await pastFile('report.md', id), 'notes/logo.png');
    await closeEditors();
    await run(Command.compareFileWithSnapshot, vscode.Uri.file(join(notes, 'logo.png')), id);
    // Not at once: the editor takes them for texts first.
    await waitFor('the images', () => activeTab()?.input === undefined && activeTab());
    // The newest editor names it by its addresses, the oldest by the title that it is given: either tells the time.
    assert.match(activeTab()?.label ?? '', /^logo(\.png)? \(Today \d\d:\d\d\)(\.png)? ↔ logo\.png$/);
    await closeEditors();
    await run(Command.compareWithPrevious, past);
    const { input } = await waitFor('the new image', activeTab);
    assert.ok(input instanceof vscode.TabInputCustom);
  });
});

describe('Going from version to version', () => {
  const ids: string[] = [];
  let notes: string;
  let file: vscode.Uri;

  before(async () => {
    notes = join(workspaceFolder(), 'notes');
    mkdirSync(notes);
    file = vscode.Uri.file(join(notes, 'talk.md'));
    for (const text of ['dear', 'dear all', 'dear all, thanks']) {
      writeFileSync(join(notes, 'words.md'), `${text}\n`);
      ids.push((await backUp()).id);
    }
    renameSync(join(notes, 'words.md'), file.fsPath);
    ids.push((await backUp()).id);
    writeFileSync(file.fsPath, 'thanks\n');
  });
  after(() => rmSync(notes, { recursive: true }));
  afterEach(closeEditors);

  it('keeps the file of today on its side, across renames, and stops at either end', async () => {
    await run(Command.compareFileWithSnapshot, file, ids[3]);
    await sides('dear all, thanks\n', 'thanks\n');
    assert.match(activeTab()?.label ?? '', /^talk\.md \(Today \d\d:\d\d\) ↔ talk\.md$/);
    assert.match(String(await run(Command.previousVersion)), /words\.md$/);
    assert.match(String(await run(Command.previousVersion)), /words\.md$/);
    await sides('dear all\n', 'thanks\n');
    assert.match(activeTab()?.label ?? '', /^words\.md \(Today \d\d:\d\d\) ↔ talk\.md$/);
    await run(Command.previousVersion);
    await sides('dear\n', 'thanks\n');
    assert.equal(await run(Command.previousVersion), undefined);
    await sides('dear\n', 'thanks\n');
    for (let steps = 0; steps < 3; steps++) await run(Command.nextVersion);
    assert.match(activeTab()?.label ?? '', /^talk\.md \(/);
    assert.equal(await run(Command.nextVersion), undefined);
  });

  it('moves both sides of a comparison with the version before', async () => {
    const past = await pastVersion(2);
    await run(Command.compareWithPrevious, past);
    await sides('dear all\n', 'dear all, thanks\n');
    await run(Command.previousVersion);
    await sides('dear\n', 'dear all\n');
    assert.equal(await run(Command.previousVersion), undefined);
    await run(Command.nextVersion);
    await sides('dear all\n', 'dear all, thanks\n');
  });

  it('opens one past file after another, where no comparison is', async () => {
    await run(Command.openFile, await pastVersion(1));
    await run(Command.nextVersion);
    const { input, label } = activeTab() ?? {};
    assert.ok(input instanceof vscode.TabInputText);
    assert.equal(await textOf(input.uri), 'dear all, thanks\n');
    assert.match(label ?? '', /^words\.md \(Today \d\d:\d\d\)$/);
  });

  it('says that there is no version in an editor that shows none', async () => {
    await vscode.window.showTextDocument(file);
    await assert.rejects(() => run(Command.previousVersion, file), /First open a version/);
  });

  it('lists all versions of a file that is asked for, also of one that is gone', async () => {
    const shown = async (asked: vscode.Uri): Promise<unknown[]> => {
      const result = (await run(Command.showVersions, asked)) as VersionsResult;
      return result.versions.map(({ snapshot, path }) => [snapshot, path]);
    };
    const all = [
      [ids[3], 'notes/talk.md'],
      [ids[2], 'notes/words.md'],
      [ids[1], 'notes/words.md'],
      [ids[0], 'notes/words.md'],
    ];
    assert.deepEqual(await shown(file), all);
    assert.deepEqual(await shown(await pastVersion(0)), all);
    const unknown = vscode.Uri.file(join(notes, 'none.md'));
    assert.equal(await run(Command.showVersions, unknown), undefined);
  });

  async function pastVersion(at: number): Promise<vscode.Uri> {
    const past = await pastFile('report.md', ids[at] ?? '');
    await closeEditors();
    return sibling(past, 'notes/words.md');
  }

  async function sides(original: string, modified: string): Promise<void> {
    const input = await waitFor('the comparison', () => {
      const shown = activeTab()?.input;
      return shown instanceof vscode.TabInputTextDiff ? shown : undefined;
    });
    assert.deepEqual([await textOf(input.original), await textOf(input.modified)], [original, modified]);
  }
});

function sibling(past: vscode.Uri, path: string): vscode.Uri {
  return past.with({ path: past.path.replace(/report\.md$/, path) });
}

async function textOf(uri: vscode.Uri): Promise<string> {
  return (await vscode.workspace.openTextDocument(uri)).getText();
}
