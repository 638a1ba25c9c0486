import * as assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Workbench } from './workbench.js';

describe('A stranger who has just installed the package', () => {
  let workbench: Workbench;
  let ideas: string;

  before(async () => {
    workbench = await Workbench.launch(async home => makeDocuments(join(home, 'documents')), {
      packed: true,
      settings: { 'phlb.autoBackup.mode': 'onSave' },
    });
    ideas = join(workbench.home, 'documents', 'notes', 'ideas.txt');
  });

  after(() => workbench?.close());

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.failed(this.currentTest.title);
  });

  it('is told what to do', async () => {
    await workbench.runCommand('Welcome: Open Walkthrough...');
    await workbench.quickPick(/Get Started with PHLB/).click();
    for (const step of [
      'Choose where backups go',
      'Take your first snapshot',
      'Let it run by itself',
      'See what has changed',
      'Get a file back',
    ]) {
      await workbench.walkthrough.getByText(step, { exact: true }).click();
    }
    assert.equal(await ticked().count(), 0, 'nothing has been done yet');
    await workbench.walkthrough.getByText('Choose where backups go', { exact: true }).click();
    // Its pictures need the whole width, and opening it ends with one.
    await workbench.page.locator('.gettingStartedContainer img').first().waitFor({ state: 'attached' });
    await workbench.runCommand('View: Toggle Primary Side Bar Visibility');
    await workbench.page.locator('.gettingStartedContainer img').first().waitFor();
    await workbench.screenshot('stranger-1-walkthrough');
  });

  it('takes the first snapshot from there', async () => {
    await workbench.walkthrough.getByText('Take your first snapshot', { exact: true }).click();
    await workbench.walkthrough.getByRole('button', { name: 'Backup Workspace' }).click();
    await workbench.notification(/Backed up documents: 3 files/).waitFor();
    await ticked().first().waitFor();
    assert.equal(await ticked().count(), 1);
    await workbench.screenshot('stranger-2-backup');
    await workbench.clearNotifications();
  });

  it('loses a file, finds it by a piece of its name, and has it back', async () => {
    rmSync(ideas, { force: true });
    await workbench.walkthrough.getByText('Get a file back', { exact: true }).click();
    await workbench.walkthrough.getByRole('button', { name: 'Find File in Snapshots…' }).click();
    // By keyboard, so that it has to get the focus.
    await workbench.page.locator('.quick-input-widget:visible input[type="text"]:focus').waitFor();
    await workbench.page.keyboard.type('ideas');
    await workbench.quickPick(/ideas\.txt.*deleted/).waitFor();
    await workbench.screenshot('stranger-3-found');
    await workbench.quickPick(/ideas\.txt/).click();
    await workbench.quickPick(/Restore…/).click();
    await workbench.dialog
      .getByText('~/documents/notes/ideas.txt will be put back. Nothing will be overwritten.')
      .waitFor();
    await workbench.screenshot('stranger-4-question');
    await workbench.answerDialog('Restore');
    await workbench.notification(/Restored ideas\.txt/).waitFor();
    await workbench.screenshot('stranger-5-restored');
    assert.equal(readFileSync(ideas, 'utf8'), 'a picture of the garden\n');
    await ticked().nth(1).waitFor();
  });

  it('sees what is offered in the sidebar', async () => {
    await workbench.clearNotifications();
    await workbench.openContainer('PHLB');
    await workbench.treeItem(/^documents, /).waitFor();
    await workbench.screenshot('stranger-6-sidebar');
    assert.ok(existsSync(join(workbench.home, 'PyHardLinkBackups', 'documents')));
  });

  function ticked(): ReturnType<Workbench['tab']> {
    return workbench.walkthrough.locator('.codicon-getting-started-step-checked');
  }
});

function makeDocuments(folder: string): string {
  mkdirSync(join(folder, 'notes'), { recursive: true });
  writeFileSync(join(folder, 'report.md'), '# Report\n');
  writeFileSync(join(folder, 'budget.csv'), 'month,income\n');
  writeFileSync(join(folder, 'notes', 'ideas.txt'), 'a picture of the garden\n');
  return folder;
}
