import * as assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Workbench } from './workbench.js';

describe('The Snapshots view without a folder', () => {
  let workbench: Workbench;

  before(async () => (workbench = await Workbench.launch(undefined)));
  after(() => workbench?.close());

  it('offers to open one, else it is an empty box', async () => {
    await workbench.openContainer('PHLB');
    await workbench.welcome(/Open a folder to back it up/).waitFor();
    assert.equal(await workbench.notification('').count(), 0, 'nothing is wrong, so nothing is to be said');
  });
});

describe('The first backup', () => {
  let scratch: string;
  let documents: string;
  let workbench: Workbench;
  let backups: string;

  before(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'phlb-welcome-'));
    documents = join(scratch, 'documents');
    mkdirSync(documents);
    writeFileSync(join(documents, 'report.md'), '# Report\n');
    workbench = await Workbench.launch(documents, { settings: { 'phlb.autoBackup.mode': 'onSave' } });
    backups = join(workbench.home, 'PyHardLinkBackups');
    await workbench.openContainer('PHLB');
  });

  after(async () => {
    await workbench?.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.failed(this.currentTest.title);
  });

  it('is offered where there is none yet, without a word of trouble', async () => {
    await workbench.welcome(/There is no snapshot yet/).waitFor();
    assert.equal(await workbench.notification('').count(), 0, 'nothing is wrong, so nothing is to be said');
    await workbench.screenshot('welcome');
  });

  it('is not taken by itself before the user has agreed, and then after a save', async () => {
    await workbench.runCommand('Go to File...');
    await workbench.page.keyboard.type('report.md');
    await workbench.page.waitForTimeout(500);
    await workbench.page.keyboard.press('Enter');
    await workbench.tab(/^report\.md$/).waitFor();
    await workbench.page.locator('.editor-group-container.active .view-lines').first().click();
    await workbench.page.keyboard.type('More. ');
    await workbench.page.keyboard.press('Control+s');
    const question = workbench.notification(/Back up this workspace automatically/);
    await question.waitFor();
    await workbench.screenshot('consent');
    assert.throws(() => readdirSync(backups), { code: 'ENOENT' });
    await question.getByRole('button', { name: 'Only Here' }).click();
    await workbench.treeItem(/^documents, /).waitFor();
    assert.equal(readdirSync(join(backups, 'documents')).length, 1);
  });

  it('leaves a location alone that is not there any more, and goes on when it is back', async () => {
    renameSync(backups, `${backups}.unplugged`);
    await workbench.runCommand('PHLB: Refresh');
    await workbench.welcome(/The backup location cannot be reached/).waitFor();
    await workbench.runCommand('PHLB: Backup Workspace');
    await workbench.notification(/was not backed up.*connect its drive/).waitFor();
    assert.throws(() => readdirSync(backups), { code: 'ENOENT' });
    await workbench.statusBarItem(/now|min/).waitFor();
    renameSync(`${backups}.unplugged`, backups);
    await workbench.welcomeButton('Try Again').click();
    await workbench.treeItem(/^documents, /).waitFor();
  });
});
