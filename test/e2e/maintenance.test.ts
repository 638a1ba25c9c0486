import * as assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as SampleModule from '../../scripts/start/sample.mjs';
import { script } from './editors.js';
import { Workbench } from './workbench.js';

/** The sample's newest snapshot, and one of yesterday evening. */
const snapshotOfYesterday = /^\d\d:\d\d,.* 3 changed/;

/** Calls the restoring tool as an agent would, and shows what comes back. */
const AGENT = `
const { readFileSync } = require('node:fs');
module.exports = (vscode, context) => context.subscriptions.push(vscode.commands.registerCommand('guest.act', async () => {
  const input = JSON.parse(readFileSync(process.env.HOME + '/probe.json', 'utf8'));
  try {
    const { content } = await vscode.lm.invokeTool('phlb_restore', { input, toolInvocationToken: undefined });
    vscode.window.showInformationMessage('probe: ' + content[0].value);
  } catch (error) {
    vscode.window.showInformationMessage('probe: ' + error.name + ' ' + error.message);
  }
}));
`;

describe('A store that is looked after in the editor', () => {
  let workbench: Workbench;
  let root: string;
  let backups: string;

  before(async () => {
    const { makeSample } = await script<typeof SampleModule>('start/sample.mjs');
    const keepTwo = ['Hourly', 'Daily', 'Weekly', 'Monthly'].map(unit => [`phlb.retention.keep${unit}`, 0]);
    workbench = await Workbench.launch(
      async (home, env) => {
        const folder = join(home, 'documents');
        await makeSample({ folder, backupRoot: join(home, 'PyHardLinkBackups'), env });
        return folder;
      },
      { settings: { ...Object.fromEntries(keepTwo), 'phlb.retention.keepLast': 2 }, guest: AGENT },
    );
    root = join(workbench.home, 'PyHardLinkBackups');
    backups = join(root, 'documents');
    await workbench.openContainer('PHLB');
    await workbench.setSidebarWidth(385);
    await workbench.expand(/^Yesterday, /);
  });

  after(() => workbench?.close());

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.failed(this.currentTest.title);
  });

  it('takes a snapshot with a label, and changes the label of another', async () => {
    await workbench.runCommand('PHLB: Backup Workspace with Label…');
    await workbench.answerInput('before the cleanup');
    await workbench.notification(/Backed up documents/).waitFor();
    await workbench.clearNotifications();
    // Until the tree is read anew, its items are those of before.
    await workbench.treeItem(/^\d\d:\d\d, before the cleanup, /).waitFor();
    await workbench.contextMenu(snapshotOfYesterday, 'Label…');
    await workbench.answerInput('sent to print');
    await workbench.treeItem(/^\d\d:\d\d, sent to print, 3 changed/).waitFor();
  });

  it('refuses to delete what is pinned, in one plain line', async () => {
    await workbench.contextMenu(snapshotOfYesterday, 'Pin');
    await workbench.treeItem(/^\d\d:\d\d, sent to print, pinned, /).waitFor();
    const before = readdirSync(backups);
    await workbench.contextMenu(/^documents, /, 'Remove Source and Its Snapshots…');
    await workbench.notification(/Pinned, so nothing was deleted: documents\/\S+ \(unpin first\)/).waitFor();
    assert.deepEqual(readdirSync(backups), before);
    await workbench.clearNotifications();
    await workbench.contextMenu(snapshotOfYesterday, 'Unpin');
    await workbench.treeItem(/^\d\d:\d\d, sent to print, 3 changed/).waitFor();
  });

  it('says which snapshot is deleted before it is gone', async () => {
    const others = new Map(readdirSync(backups).map(stamp => [stamp, listing(join(backups, stamp))]));
    await workbench.contextMenu(snapshotOfYesterday, 'Delete Snapshot…');
    await workbench.dialog.getByText(/^Delete the snapshot documents, Yesterday \d\d:\d\d, sent to print\?$/).waitFor();
    await workbench.dialog
      .getByText(/Hardly any space will be freed: other snapshots hold the same contents\./)
      .waitFor();
    await workbench.screenshot('delete');
    await workbench.answerDialog('Cancel');
    assert.equal(readdirSync(backups).length, others.size);
    await workbench.contextMenu(snapshotOfYesterday, 'Delete Snapshot…');
    await workbench.answerDialog('Delete');
    await workbench.notification(/^.*1 snapshot deleted, .* freed/).waitFor();
    const left = readdirSync(backups);
    assert.equal(left.length, others.size - 1);
    for (const stamp of left) assert.equal(listing(join(backups, stamp)), others.get(stamp), stamp);
    await workbench.clearNotifications();
  });

  it('shows what a cleaning up deletes and why the rest stays, and deletes that', async () => {
    const before = readdirSync(backups);
    await workbench.runCommand('PHLB: Clean Up Old Snapshots…');
    await workbench.quickPick(/one of the newest/).waitFor();
    await workbench.screenshot('prune');
    await workbench.quickPick(/one of the newest/).click();
    assert.equal(readdirSync(backups).length, before.length, 'a line that is there to be read');
    await workbench.quickPick(/Delete \d+ snapshots…/).click();
    await workbench.dialog.getByText(/^Delete \d+ of \d+ snapshots\?$/).waitFor();
    await workbench.screenshot('prune-confirm');
    await workbench.answerDialog('Delete');
    await workbench.notification(/\d+ snapshots deleted, .* freed/).waitFor();
    const left = readdirSync(backups).filter(stamp => /^\d{4}-/.test(stamp));
    assert.deepEqual(left, before.filter(stamp => /^\d{4}-/.test(stamp)).slice(-2));
    await workbench.clearNotifications();
    await workbench.runCommand('PHLB: Clean Up Old Snapshots…');
    await workbench.notification(/Nothing to clean up: the rules keep all of 2 snapshots/).waitFor();
    await workbench.clearNotifications();
  });

  it('finds what has rotted and repairs it from a sound copy, else it is found when it is needed', async () => {
    await workbench.runCommand('PHLB: Verify Snapshots');
    await workbench.notification(/Verified 2 snapshots, \d+ files: everything is as recorded/).waitFor();
    await workbench.clearNotifications();
    const stored = join(backups, readdirSync(backups).at(-1) ?? '', 'report.md');
    const sound = readFileSync(stored, 'utf8');
    chmodSync(stored, 0o644);
    writeFileSync(stored, sound.replace('year', 'YEAR'));
    await workbench.runCommand('PHLB: Verify Snapshots');
    const warning = workbench.notification(/Not as recorded: documents\/\S+\/report\.md/);
    await warning.waitFor();
    await workbench.screenshot('verify');
    await workbench.answerNotification(warning, 'Heal');
    await workbench.notification(/Healed: \d/).waitFor();
    assert.equal(readFileSync(stored, 'utf8'), sound);
    await workbench.clearNotifications();
  });

  it('rebuilds the index', async () => {
    await workbench.runCommand('PHLB: Rebuild Index');
    await workbench.notification(/The index has been rebuilt: 2 snapshots/).waitFor();
    await workbench.clearNotifications();
  });

  it('says where the files are where it cannot open a file manager', async () => {
    await workbench.contextMenu(/before the cleanup/, 'Reveal in File Manager');
    await workbench.notification(/It is stored in .*PyHardLinkBackups\/documents\//).waitFor();
    await workbench.screenshot('reveal');
    await workbench.clearNotifications();
  });

  it('has a short menu behind its status', async () => {
    await workbench.statusBarItem(/now|min/).click();
    await workbench.quickPick(/Show Storage Usage/).waitFor();
    await workbench.screenshot('menu');
    await workbench.page.keyboard.press('Escape');
  });

  it('lets no agent restore before the user has seen what is overwritten', async () => {
    const report = join(workbench.home, 'documents', 'report.md');
    const sound = readFileSync(report, 'utf8');
    writeFileSync(report, 'ruined\n');
    const newest = readdirSync(backups).at(-1) ?? '';
    writeFileSync(
      join(workbench.home, 'probe.json'),
      JSON.stringify({ snapshot: `documents/${newest}`, paths: ['report.md'] }),
    );
    await workbench.runCommand('Guest: Act');
    await workbench.dialog.getByText(/^Restore from the snapshot of Today \d\d:\d\d\?$/).waitFor();
    await workbench.dialog.getByText(/report\.md/).waitFor();
    await workbench.screenshot('agent-restore');
    await workbench.answerDialog('Cancel');
    await workbench.notification(/probe: .*ancel/i).waitFor();
    assert.equal(readFileSync(report, 'utf8'), 'ruined\n');
    await workbench.clearNotifications();
    await workbench.runCommand('Guest: Act');
    await workbench.dialog
      .getByRole('button')
      .filter({ hasText: /^(Yes|Allow|Continue|OK|Run)/ })
      .first()
      .click();
    await workbench.notification(/probe: .*safetySnapshot/).waitFor();
    assert.equal(readFileSync(report, 'utf8'), sound);
    await workbench.clearNotifications();
  });

  it('says what a removed source takes with it, and leaves the folder alone', async () => {
    await workbench.contextMenu(/^documents, /, 'Remove Source and Its Snapshots…');
    await workbench.dialog.getByText(/^Remove documents and all of its snapshots\?$/).waitFor();
    await workbench.screenshot('forget');
    await workbench.answerDialog('Remove');
    await workbench.notification(/\d snapshots deleted, .* freed/).waitFor();
    assert.ok(!existsSync(backups));
    assert.ok(existsSync(join(workbench.home, 'documents', 'report.md')));
    await workbench.clearNotifications();
  });

  it('takes the snapshots of an old PyHardLinkBackup over when its folder is chosen', async () => {
    const old = join(workbench.home, 'old backups');
    const tree = join(old, 'letters', '2016-01-07-085247');
    mkdirSync(tree, { recursive: true });
    writeFileSync(join(tree, 'brief.txt'), 'Dear reader\n');
    writeFileSync(join(old, 'letters', '2016-01-07-085247-summary.txt'), 'summary\n');
    const before = listing(tree);
    await workbench.runCommand('PHLB: Change Backup Location…');
    await workbench.chooseFolder(old, 'Keep Backups Here');
    await workbench.dialog.getByText(/^Keep backups in .*old backups\?$/).waitFor();
    await workbench.screenshot('location');
    await workbench.answerDialog('Use This Folder');
    await workbench.notification(/Adopted: 1 snapshot/).waitFor();
    await workbench.notification(/Backups go to .*old backups from now on/).waitFor();
    await workbench.expand(/^Other Folders/);
    await workbench.treeItem(/^letters, /).waitFor();
    assert.equal(listing(tree), before);
  });
});

/** Names, contents, modes and times of all below a folder, as other programs see them. */
function listing(folder: string): string {
  const script =
    'cd "$1" && find . -printf "%p %y %m %s %T@ %l\\n" | sort && find . -type f -exec sha256sum {} + | sort';
  return spawnSync('sh', ['-c', script, 'sh', folder], { encoding: 'utf8' }).stdout;
}
