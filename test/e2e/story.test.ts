import * as assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as SampleModule from '../../scripts/start/sample.mjs';
import { script } from './editors.js';
import { Workbench } from './workbench.js';

const snapshotOfYesterday = /^\d\d:\d\d, 3 changed/;

describe('A workspace with some history, in the editor', () => {
  let report: string;
  let workbench: Workbench;
  let backups: string;

  before(async () => {
    const { makeSample } = await script<typeof SampleModule>('start/sample.mjs');
    workbench = await Workbench.launch(async (home, env) => {
      const folder = join(home, 'documents');
      await makeSample({ folder, backupRoot: join(home, 'PyHardLinkBackups'), env });
      return folder;
    });
    report = join(workbench.home, 'documents', 'report.md');
    backups = join(workbench.home, 'PyHardLinkBackups', 'documents');
  });

  after(() => workbench?.close());

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.failed(this.currentTest.title);
  });

  it('is backed up from the palette as plain files, else there is nothing to go back to', async () => {
    const before = readdirSync(backups);
    await workbench.runCommand('PHLB: Backup Workspace');
    await workbench.notification(/Backed up documents: 6 files/).waitFor();
    const snapshot = readdirSync(backups).find(stamp => !before.includes(stamp));
    assert.ok(snapshot, `no new snapshot in ${backups}`);
    assert.deepEqual(readFileSync(join(backups, snapshot, 'report.md')), readFileSync(report));
    await workbench.statusBarItem(/now/).waitFor();
    await workbench.clearNotifications();
  });

  it('shows its past as a tree of days, snapshots and files, else nobody finds the right one', async () => {
    await workbench.openContainer('PHLB');
    await workbench.setSidebarWidth(385);
    await workbench.setPaneHeight('File Versions', 120);
    await workbench.treeItem(/^documents, /).waitFor();
    await workbench.expand(/^Yesterday, /);
    await workbench.expand(snapshotOfYesterday);
    await workbench.expand(/^letters, folder/);
    await workbench.treeItem(/^thanks\.md/).waitFor();
    await workbench.treeItem(/^notes, folder/).waitFor();
  });

  it('opens a past file read-only, else history could be edited by mistake', async () => {
    await workbench.contextMenu(/^summary\.py/, 'Open Snapshot File');
    await workbench.tab(/summary\.py \(Yesterday \d\d:\d\d\)/).waitFor();
    await workbench.showsText('Income minus expenses');
    await workbench.screenshot('overview');
    await workbench.page.locator('.editor-group-container.active .view-lines').first().click();
    await workbench.page.keyboard.type('overwritten');
    await workbench.page.getByText('Snapshots never change').first().waitFor();
    assert.equal(await workbench.page.getByText('overwritten').count(), 0);
    await workbench.page.keyboard.press('Escape');
  });

  it('shows what has changed since, else a user restores blindly', async () => {
    await workbench.contextMenu(/^report\.md/, 'Compare with Current File');
    await workbench.tab(/report\.md \(Yesterday \d\d:\d\d\) ↔ report\.md/).waitFor();
    await workbench.showsText('A good year: every month ended', 'original');
    await workbench.showsText('every month but one', 'modified');
    await workbench.screenshot('diff');
  });

  it('asks before it restores and says what is lost, else a slip costs the work of a day', async () => {
    const before = readFileSync(report, 'utf8');
    await workbench.contextMenu(/^report\.md/, 'Restore…');
    await workbench.dialog.getByText(/^Restore report\.md \(Yesterday \d\d:\d\d\)\?$/).waitFor();
    await workbench.dialog.getByText('~/documents/report.md will be overwritten. A safety snapshot of it').waitFor();
    await workbench.screenshot('restore');
    await workbench.answerDialog('Cancel');
    assert.equal(readFileSync(report, 'utf8'), before);
  });

  it('restores a file as it was and keeps what it replaces, else nothing is safe', async () => {
    const before = readFileSync(report, 'utf8');
    const stamps = readdirSync(backups);
    await workbench.contextMenu(/^report\.md/, 'Restore…');
    await workbench.answerDialog('Restore');
    await workbench.notification(/Restored report\.md/).waitFor();
    assert.equal(readFileSync(report, 'utf8'), pastText('1745'));
    await workbench.showsText('A good year: every month ended', 'modified');
    const safety = readdirSync(backups).find(stamp => !stamps.includes(stamp));
    assert.ok(safety, 'no safety snapshot');
    assert.deepEqual(readdirSync(join(backups, safety)), ['report.md']);
    assert.equal(readFileSync(join(backups, safety, 'report.md'), 'utf8'), before);
    await workbench.clearNotifications();
  });

  it('asks about an editor with unsaved changes, else they are lost or undo the restore', async () => {
    await workbench.openFile('report.md');
    await workbench.page.keyboard.press('Control+Home');
    await workbench.page.keyboard.type('Not saved yet. ');
    await workbench.openContainer('PHLB');
    const stamps = readdirSync(backups);
    await workbench.contextMenu(/^report\.md/, 'Restore…');
    await workbench.dialog.getByText(/Unsaved changes: report\.md/).waitFor();
    await workbench.answerDialog('Save and Restore');
    await workbench.notification(/Restored report\.md/).waitFor();
    const safety = readdirSync(backups).find(stamp => !stamps.includes(stamp));
    assert.match(readFileSync(join(backups, safety ?? '', 'report.md'), 'utf8'), /^Not saved yet\. /);
    assert.doesNotMatch(readFileSync(report, 'utf8'), /Not saved yet/);
    await workbench.clearNotifications();
  });

  it('compares an open file with any of its versions, else one must know the day', async () => {
    await workbench.runCommand('Preferences: Toggle between Light/Dark Themes');
    await workbench.runCommand('PHLB: Compare with Snapshot…');
    await workbench.quickPick(/^Yesterday/).waitFor();
    await workbench.screenshot('versions');
    await workbench.quickPick(/^\w+ \d+, \d{4}/).click();
    await workbench.showsText('The first draft', 'original');
    await workbench.showsText('A good year: every month ended', 'modified');
  });

  /** The report in the first snapshot that was taken at that time of day. */
  function pastText(time: string): string {
    const stamp = readdirSync(backups).find(name => name.slice(11, 15) === time);
    assert.ok(stamp, `no snapshot of ${time}`);
    return readFileSync(join(backups, stamp, 'report.md'), 'utf8');
  }
});
