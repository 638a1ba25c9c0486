import * as assert from 'node:assert/strict';
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeReport } from './history.js';
import { Workbench } from './workbench.js';

describe('The Snapshots view without a folder', () => {
  let workbench: Workbench;

  before(async () => (workbench = await Workbench.launch(async () => undefined)));
  after(() => workbench?.close());

  it('offers to open one, else it is an empty box', async () => {
    await workbench.openContainer('PHLB');
    await workbench.welcome(/Open a folder to back it up/).waitFor();
    assert.equal(await workbench.notification('').count(), 0, 'nothing is wrong, so nothing is to be said');
  });
});

describe('The first backup', () => {
  let workbench: Workbench;
  let backups: string;

  before(async () => {
    workbench = await Workbench.launch(makeReport, { settings: { 'phlb.autoBackup.mode': 'onSave' } });
    backups = join(workbench.home, 'PyHardLinkBackups');
    await workbench.openContainer('PHLB');
  });

  after(() => workbench?.close());

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.failed(this.currentTest.title);
  });

  it('is offered where there is none yet, without a word of trouble', async () => {
    await workbench.welcome(/There is no snapshot yet/).waitFor();
    assert.equal(await workbench.notification('').count(), 0, 'nothing is wrong, so nothing is to be said');
    await workbench.screenshot('welcome');
  });

  it('is not taken by itself before the user has agreed, and then after a save', async () => {
    await workbench.openFile('report.md');
    await workbench.page.keyboard.type('More. ');
    await workbench.page.keyboard.press('Control+s');
    await workbench.openContainer('PHLB');
    const question = workbench.notification(/Back up this workspace automatically/);
    await question.waitFor();
    await workbench.screenshot('consent');
    assert.throws(() => readdirSync(backups), { code: 'ENOENT' });
    // Closed, and not answered.
    await workbench.clearNotifications();
    await workbench.status(/^PHLB\. No backup of this workspace yet\. Auto-backup is not on yet/).waitFor();
    await workbench.screenshot('welcome-unanswered');
    await workbench.welcomeButton('Turn On Auto-Backup…').click();
    await workbench.answerNotification(question, 'Only This Folder');
    await workbench.treeItem(/^documents, /).waitFor();
    assert.equal(readdirSync(join(backups, 'documents')).length, 1);
  });

  it('leaves a location alone that is not there any more, and goes on when it is back', async () => {
    renameSync(backups, `${backups}.unplugged`);
    await workbench.runCommand('PHLB: Refresh');
    const away = workbench.page.locator('.sidebar').getByText(/The backup location ~\/.?PyHardLinkBackups cannot be/);
    await away.waitFor();
    await workbench.runCommand('PHLB: Backup Workspace');
    const failure = workbench.notification(/was not backed up.*connect its drive/);
    for (const name of ['Try Again', 'Change Location…', 'Show Log']) {
      await failure.getByRole('button', { name }).waitFor();
    }
    assert.throws(() => readdirSync(backups), { code: 'ENOENT' });
    await workbench.statusBarItem(/now|min/).waitFor();
    await workbench.treeItem('Try Again').click();
    await away.waitFor();
    renameSync(`${backups}.unplugged`, backups);
    // By itself, within seconds.
    await workbench.treeItem(/^documents, /).waitFor();
  });

  it('is not said to be missing where the store cannot be read, but why it cannot', async () => {
    const store = join(backups, '.phlb', 'store.json');
    const reason = workbench.page
      .locator('.sidebar')
      .getByText(/is not valid.*in a terminal of this editor/)
      .first();
    const sound = readFileSync(store);
    writeFileSync(store, 'nonsense');
    await workbench.runCommand('PHLB: Refresh');
    await reason.waitFor();
    await workbench.welcome(/./).waitFor({ state: 'hidden' });
    writeFileSync(store, sound);
    await workbench.runCommand('PHLB: Refresh');
    await workbench.treeItem(/^documents, /).waitFor();
    await reason.waitFor({ state: 'hidden' });
  });
});
