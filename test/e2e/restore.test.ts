import * as assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import type * as SampleModule from '../../scripts/start/sample.mjs';
import { script } from './editors.js';
import { Workbench } from './workbench.js';

const snapshotOfYesterday = /^17:45, 3 changed/;
const snapshotBefore = /^10:12, 2 changed/;

describe('Somebody who has lost a file', () => {
  let workbench: Workbench;
  let folder: string;
  let ideas: string;

  before(async () => {
    const { makeSample } = await script<typeof SampleModule>('start/sample.mjs');
    workbench = await Workbench.launch(async (home, env) => {
      const documents = join(home, 'documents');
      await makeSample({ folder: documents, backupRoot: join(home, 'PyHardLinkBackups'), env });
      return documents;
    });
    folder = join(workbench.home, 'documents');
    ideas = join(folder, 'notes', 'ideas.txt');
  });

  after(() => workbench?.close());

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.failed(this.currentTest.title);
    await workbench.page.keyboard.press('Escape');
    await workbench.page.keyboard.press('Escape');
    await workbench.clearNotifications();
  });

  it('finds it by a piece of its name and has it back, else a backup is of no use', async () => {
    assert.equal(existsSync(ideas), false);
    await workbench.runCommand('PHLB: Find File in Snapshots…');
    await workbench.quickPick(/ideas\.txt.*documents\/notes · deleted.*last seen Yesterday \d\d:\d\d/).waitFor();
    await workbench.quickPick(/invitation\.md.*documents\/letters.*changed in the snapshot of /).waitFor();
    await workbench.screenshot('find-file-latest');
    await type('IDEA');
    const found = workbench.quickPick(/ideas\.txt.*documents\/notes · deleted.*last seen Yesterday \d\d:\d\d/);
    await found.waitFor();
    await workbench.screenshot('find-file');
    await workbench.page.keyboard.press('Enter');
    await workbench.quickPick(/Restore…/).waitFor();
    await workbench.screenshot('find-file-next');
    await workbench.page.keyboard.press('Enter');
    await workbench.dialog.getByText(/^Restore ideas\.txt \(Yesterday \d\d:\d\d\)\?$/).waitFor();
    await workbench.dialog
      .getByText('~/documents/notes/ideas.txt will be put back. Nothing will be overwritten.')
      .waitFor();
    await workbench.answerDialog('Restore');
    await workbench.notification(/Restored ideas\.txt\./).waitFor();
    assert.equal(readFileSync(ideas, 'utf8'), '- a shorter report\n- a picture of the garden\n');
  });

  it('sees deleted files only, when asked to', async () => {
    rmSync(ideas, { force: true });
    await workbench.runCommand('PHLB: Find File in Snapshots…');
    await type('e');
    await workbench.quickPick(/report\.md/).waitFor();
    await workbench.page.getByRole('button', { name: 'Show Deleted Files Only' }).click();
    await workbench.quickPick(/report\.md/).waitFor({ state: 'hidden' });
    await workbench.quickPick(/ideas\.txt.*deleted/).waitFor();
  });

  it('has what a terminal has deleted back from the Explorer in four clicks, and changes minds', async () => {
    const [thanks, invitation] = ['thanks.md', 'invitation.md'].map(name => join(folder, 'letters', name));
    execFileSync('rm', [thanks ?? '', invitation ?? '']);
    await workbench.openContainer('Explorer');
    await workbench.contextMenu(/^letters/, 'Restore Deleted Files…');
    await workbench.quickPick(/thanks\.md/).click();
    await workbench.screenshot('restore-deleted');
    await ok();
    const told = workbench.notification(/Restored thanks\.md\./);
    await told.waitFor();
    assert.match(readFileSync(thanks ?? '', 'utf8'), /for lending us the tables/);
    assert.equal(existsSync(invitation ?? ''), false);
    await workbench.screenshot('restored-deleted');
    await workbench.answerNotification(told, 'Undo');
    const undone = workbench.notification(/The restore has been undone/);
    await undone.waitFor();
    assert.equal(existsSync(thanks ?? ''), false);
    await workbench.answerNotification(undone, 'Redo');
    const redone = workbench.notification(/What was restored is back again/);
    await redone.getByRole('button', { name: 'Undo', exact: true }).waitFor();
    assert.ok(existsSync(thanks ?? ''));
  });

  it('brings a folder to an older state, and sees first what has changed, from the Explorer', async () => {
    await workbench.contextMenu(/^letters/, 'Show Changes Since…');
    await workbench.quickPick(/^Yesterday 17:45/).waitFor();
    await workbench.screenshot('show-changes-since');
    await workbench.quickPick(/^Yesterday 17:45/).click();
    await workbench.tab(/^documents\/letters: Yesterday 17:45 ↔ Now/).waitFor();
    // It takes the focus, which closes a menu.
    await workbench.page.locator('.multiDiffEntry').filter({ hasText: 'invitation.md' }).first().waitFor();
    await workbench.contextMenu(/^letters/, 'Restore Folder to…');
    await workbench.quickPick(/^Yesterday 17:45/).click();
    await workbench.dialog.getByText(/^Restore letters \(Yesterday 17:45\)\?$/).waitFor();
    await workbench.answerDialog('Restore');
    const told = workbench.notification(/Restored letters\./);
    await workbench.answerNotification(told, 'Open');
    await workbench.tab(/^invitation\.md$/).waitFor();
    await workbench.contextMenu(/^summary\.py/, 'Restore Version…');
    await workbench.quickPick(/2 snapshots|3 snapshots/).waitFor();
    await workbench.screenshot('restore-version');
  });

  it('is shown what a restore of a folder will do, and takes it back with one click', async () => {
    mkdirSync(join(folder, 'notes'), { recursive: true });
    writeFileSync(join(folder, 'summary.py'), 'ruined\n');
    writeFileSync(join(folder, 'notes', 'today.txt'), 'written today\n');
    rmSync(join(folder, 'letters'), { recursive: true });
    await workbench.openContainer('PHLB');
    await workbench.setSidebarWidth(385);
    await workbench.expand(/^Yesterday, /);
    await workbench.contextMenu(snapshotOfYesterday, 'Restore…');
    await detail(/In ~\/documents:/).waitFor();
    await detail(/Overwritten: 2 \(report\.md, summary\.py\)/).waitFor();
    await detail(/Put back: 2 \(letters\/invitation\.md, letters\/thanks\.md\)/).waitFor();
    await detail(/What is overwritten or removed is kept in a safety snapshot first/).waitFor();
    await detail(/Newer than this snapshot: 1 \(notes\/today\.txt\)/).waitFor();
    await workbench.screenshot('restore-folder');
    await workbench.answerDialog('Restore');
    const told = workbench.notification(/Restored documents\. What was there before is in the safety snapshot\./);
    await told.waitFor();
    assert.match(readFileSync(join(folder, 'summary.py'), 'utf8'), /Income minus expenses/);
    assert.ok(existsSync(join(folder, 'letters', 'thanks.md')));
    assert.ok(existsSync(join(folder, 'notes', 'today.txt')));
    await workbench.screenshot('restored');
    await workbench.answerNotification(told, 'Undo');
    await workbench.notification(/The restore has been undone/).waitFor();
    assert.equal(readFileSync(join(folder, 'summary.py'), 'utf8'), 'ruined\n');
    assert.equal(existsSync(join(folder, 'letters')), false);
  });

  it('removes what is newer only when told so, and can have that back as well', async () => {
    await workbench.contextMenu(snapshotOfYesterday, 'Restore…');
    await workbench.answerDialog('Restore and Remove What Is Newer');
    await workbench.notification(/Restored documents/).waitFor();
    assert.equal(existsSync(join(folder, 'notes', 'today.txt')), false);
    await workbench.clearNotifications();
    await workbench.runCommand('PHLB: Undo Last Restore');
    await workbench.dialog.getByText(/^Undo the last restore of documents \(Today \d\d:\d\d\)\?$/).waitFor();
    await detail(/Set back to what it was before: 2 \(report\.md, summary\.py\)/).waitFor();
    await detail(/Put back: 1 \(notes\/today\.txt\)/).waitFor();
    await detail(/Removed again: 2/).waitFor();
    await workbench.screenshot('undo');
    await workbench.answerDialog('Undo Restore');
    await workbench.notification(/The restore has been undone/).waitFor();
    assert.equal(readFileSync(join(folder, 'notes', 'today.txt'), 'utf8'), 'written today\n');
  });

  it('chooses what of a snapshot is restored, having looked at it', async () => {
    await workbench.contextMenu(snapshotOfYesterday, 'Restore…');
    await workbench.answerDialog('Choose…');
    const summary = workbench.quickPick(/summary\.py.*overwritten/);
    await summary.hover();
    await summary.getByRole('button', { name: 'Show Changes' }).click();
    await workbench.tab(/^summary\.py \(Yesterday 17:45\) ↔ summary\.py/).waitFor();
    for (const other of [/report\.md/, /invitation\.md.*put back/, /thanks\.md/])
      await workbench.quickPick(other).click();
    await workbench.screenshot('restore-choice');
    await ok();
    const told = workbench.notification(/Restored summary\.py\. What was there before/);
    await told.waitFor();
    assert.match(readFileSync(join(folder, 'summary.py'), 'utf8'), /Income minus expenses/);
    assert.equal(existsSync(join(folder, 'letters')), false);
    await workbench.answerNotification(told, 'Undo');
    await workbench.notification(/The restore has been undone/).waitFor();
  });

  it('sees all that has changed since a snapshot in one editor', async () => {
    await workbench.contextMenu(snapshotOfYesterday, 'Show Changes Since This Snapshot');
    await workbench.tab(/^documents: Yesterday \d\d:\d\d ↔ Now/).waitFor();
    await workbench.page.locator('.multiDiffEntry').filter({ hasText: 'today.txt' }).first().waitFor();
    await workbench.screenshot('changes');
  });

  it('sees what was new in a snapshot', async () => {
    // Makes room for the tree.
    await workbench.page.locator('.sidebar .pane-header').getByText('File Versions', { exact: true }).click();
    await workbench.expand(snapshotBefore);
    await workbench.expand(/^letters, folder/);
    await workbench.contextMenu(/^thanks\.md/, 'Compare with Previous Snapshot');
    await workbench.tab(/^not there \(.*\) ↔ thanks\.md \(Yesterday \d\d:\d\d\)/).waitFor();
    await workbench.showsText('thank you for lending us the tables');
    await workbench.screenshot('added');
  });

  it('restores several files at once', async () => {
    await workbench.treeItem(/^report\.md/).click();
    await workbench.treeItem(/^summary\.py/).click({ modifiers: ['Control'] });
    await workbench.contextMenu(/^summary\.py/, 'Restore…');
    await workbench.dialog.getByText(/^Restore summary\.py and 1 more \(Yesterday 10:12\)\?$/).waitFor();
    await detail(/Overwritten: 2 \(report\.md, summary\.py\)/).waitFor();
    await workbench.screenshot('restore-several');
    await workbench.answerDialog('Restore');
    const told = workbench.notification(/Restored summary\.py and 1 more\. What was there before/);
    await told.waitFor();
    assert.match(readFileSync(join(folder, 'summary.py'), 'utf8'), /def total/);
    await workbench.answerNotification(told, 'Undo');
    await workbench.notification(/The restore has been undone/).waitFor();
  });

  it('is offered a restore where there is nothing to compare with today', async () => {
    // Alone: of several that are selected, none is compared.
    await workbench.treeItem(/^thanks\.md/).click();
    await workbench.contextMenu(/^thanks\.md/, 'Compare with Current File');
    const told = workbench.notification(/thanks\.md no longer exists; the snapshot still has it/);
    await workbench.answerNotification(told, 'Restore…');
    await workbench.answerDialog('Restore');
    await workbench.notification(/Restored thanks\.md/).waitFor();
    assert.ok(existsSync(join(folder, 'letters', 'thanks.md')));
  });

  it('is told that there is nothing to restore, and what is newer', async () => {
    await workbench.contextMenu(/^letters, folder/, 'Restore…');
    await workbench.answerDialog('Restore');
    await workbench.notification(/Restored letters/).waitFor();
    await workbench.clearNotifications();
    await workbench.contextMenu(/^letters, folder/, 'Restore…');
    await workbench.notification(/letters is already as it was then\./).waitFor();
    const [was, is] = ['thanks.md', 'thank-you.md'].map(name => join(folder, 'letters', name));
    renameSync(was ?? '', is ?? '');
    await workbench.contextMenu(/^letters, folder/, 'Restore…');
    await detail(/Put back: 1 \(thanks\.md\)/).waitFor();
    await detail(/Renamed since: 1 \(thanks\.md → thank-you\.md\)/).waitFor();
    await workbench.screenshot('restore-renamed');
    await workbench.answerDialog('Cancel');
    renameSync(is ?? '', was ?? '');
    writeFileSync(join(folder, 'letters', 'newer.md'), 'newer\n');
    await workbench.clearNotifications();
    await workbench.contextMenu(/^letters, folder/, 'Restore…');
    const told = workbench.notification(
      /letters is already as it was then\. Newer than this snapshot: 1 \(newer\.md\)/,
    );
    await workbench.answerNotification(told, 'Remove What Is Newer…');
    await workbench.answerDialog('Remove What Is Newer');
    await workbench.notification(/Restored letters\. What was there before/).waitFor();
    assert.equal(existsSync(join(folder, 'letters', 'newer.md')), false);
  });

  it('is asked about unsaved changes of what is restored, and of nothing else', async () => {
    const report = join(folder, 'report.md');
    await workbench.openFile('summary.py');
    await workbench.page.keyboard.press('Control+Home');
    await workbench.page.keyboard.type('# elsewhere ');
    await workbench.openFile('report.md');
    await workbench.page.keyboard.press('Control+Home');
    await workbench.page.keyboard.type('Not saved yet. ');
    await workbench.openContainer('PHLB');
    await workbench.contextMenu(/^report\.md/, 'Restore…');
    await detail(/Unsaved changes: report\.md\. If you save them first/).waitFor();
    await workbench.screenshot('restore-unsaved');
    await workbench.answerDialog('Discard Changes and Restore');
    await workbench.notification(/Restored report\.md/).waitFor();
    await workbench.tab(/^report\.md$/).waitFor();
    await workbench.showsText('A good year: every month ended');
    assert.doesNotMatch(readFileSync(report, 'utf8'), /Not saved yet/);
    assert.doesNotMatch(readFileSync(join(folder, 'summary.py'), 'utf8'), /elsewhere/);
    await workbench.page.locator('.tabs-container .tab.dirty').filter({ hasText: 'summary.py' }).first().waitFor();
  });

  it('brings a snapshot back beside the work, and other files there stay', async () => {
    const beside = join(workbench.home, 'beside');
    mkdirSync(beside);
    writeFileSync(join(beside, 'report.md'), 'another report\n');
    await workbench.contextMenu(snapshotOfYesterday, 'Restore To…');
    await workbench.quickPick(/^beside/).click();
    await workbench.screenshot('restore-to');
    await workbench.page.locator('.quick-input-widget').getByRole('button', { name: 'Restore Here' }).click();
    await workbench.dialog
      .getByText(/^~\/beside already has different files with the same names\. Overwrite them\?$/)
      .waitFor();
    await detail(/1 \(report\.md\)/).waitFor();
    await workbench.answerDialog('Leave Them as They Are');
    await workbench
      .notification(
        /Restored documents to ~\/beside\. Left alone, because something different is there: 1 \(report\.md\)/,
      )
      .waitFor();
    await workbench.screenshot('restored-to');
    assert.equal(readFileSync(join(beside, 'report.md'), 'utf8'), 'another report\n');
    assert.match(readFileSync(join(beside, 'summary.py'), 'utf8'), /Income minus expenses/);
  });

  it('keeps commits made since, is told so, and has the git history back only when it is chosen', async () => {
    const git = (...args: string[]): string =>
      execFileSync('git', ['-C', folder, '-c', 'user.name=A', '-c', 'user.email=a@example.org', ...args], {
        encoding: 'utf8',
      });
    const commit = (message: string): string => git('commit', '-q', '-a', '-m', message);
    const log = (): string => git('log', '--format=%s').trim();
    await workbench.openFile('summary.py');
    await workbench.runCommand('File: Revert File');
    git('init', '-q');
    git('add', '-A');
    commit('first');
    await workbench.runCommand('PHLB: Backup Workspace');
    await workbench.notification(/Backed up/).waitFor();
    writeFileSync(join(folder, 'report.md'), 'second\n');
    commit('second');
    await workbench.openContainer('PHLB');
    await workbench.expand(/^Today/);
    const newest = /^\d\d:\d\d, 5 changed/;
    await workbench.contextMenu(newest, 'Restore…');
    await detail(/Overwritten: 1 \(report\.md\)/).waitFor();
    await detail(/Git repositories are left as they are: 1 \(\.git\)\./).waitFor();
    await workbench.screenshot('restore-git');
    await workbench.answerDialog('Restore');
    await workbench
      .notification(/Restored documents\..* Git repositories are left as they are: 1 \(\.git\)\./)
      .waitFor();
    assert.equal(log(), 'second\nfirst');
    assert.equal(git('status', '--porcelain').trim(), 'M report.md');
    await workbench.clearNotifications();
    await workbench.contextMenu(newest, 'Restore…');
    await workbench.notification(/documents is already as it was then\. Git repositories are left/).waitFor();
    await workbench
      .notification(/Git repositories are left/)
      .getByRole('button', { name: 'Git History Too…' })
      .click();
    await workbench.answerDialog('Restore');
    await workbench.notification(/Restored documents\. What was there before/).waitFor();
    assert.equal(log(), 'first');
  });

  async function type(text: string): Promise<void> {
    await workbench.page.getByPlaceholder('Part of a name').fill(text);
  }

  async function ok(): Promise<void> {
    await workbench.page.locator('.quick-input-widget').getByRole('button', { name: 'OK' }).click();
  }

  function detail(text: RegExp): Locator {
    return workbench.dialog.locator('.dialog-message-detail').filter({ hasText: text });
  }
});
