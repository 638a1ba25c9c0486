import * as assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Workbench } from './workbench.js';

const FORGET = 'command:phlb.forgetSource?%5B%22documents%22%5D';
/** as the editor would show it as a link */
const NASTY = `[Pay rent](${FORGET})`;
const ICONS = '$(trash) $(error) notes.txt';

// Stands for whatever shows links that may call commands: another extension, a notebook, a page.
const LINKS = `
module.exports = vscode => {
  const id = require('node:fs').readFileSync(process.env.HOME + '/id', 'utf8');
  const commands = [
    ['Forget', 'phlb.forgetSource', ['documents']],
    ['Delete', 'phlb.deleteSnapshot', [id]],
    ['Restore', 'phlb.restore', [id]],
  ];
  for (const [title, command, args] of commands) {
    const link = '[' + title + ' it](command:' + command + '?' + encodeURIComponent(JSON.stringify(args)) + ')';
    vscode.window.showInformationMessage('A page says: ' + link);
  }
};
`;

describe('Somebody who wants a click to do harm', () => {
  let workbench: Workbench;
  let documents: string;
  let stored: string;

  before(async () => {
    workbench = await Workbench.launch(
      async (home, env) => {
        const folder = join(home, 'documents');
        mkdirSync(folder);
        for (const name of [NASTY, ICONS, 'report.md']) writeFileSync(join(folder, name), 'first\n');
        const { spawnSync } = await import('node:child_process');
        const { stdout } = spawnSync(process.execPath, ['dist/cli.js', 'backup', folder, '--json', '--label', NASTY], {
          env,
          encoding: 'utf8',
        });
        const { snapshots } = JSON.parse(stdout) as { snapshots: { id: string }[] };
        writeFileSync(join(home, 'id'), snapshots[0]?.id ?? '');
        return folder;
      },
      { guest: LINKS },
    );
    documents = join(workbench.home, 'documents');
    stored = join(workbench.home, 'PyHardLinkBackups', 'documents');
  });

  after(() => workbench?.close());

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.failed(this.currentTest.title);
    await workbench.page.keyboard.press('Escape');
    await workbench.clearNotifications();
  });

  it('is asked first, whatever a link has for arguments, and no answer is a no', async () => {
    writeFileSync(join(documents, 'report.md'), 'second\n');
    const questions = {
      Forget: /^Remove documents and all of its snapshots\?$/,
      Delete: /^Delete the snapshot documents, Today \d\d:\d\d, \[Pay rent\].*\?$/,
      Restore: /^Restore documents \(Today \d\d:\d\d\)\?$/,
    };
    await workbench.runCommand('Notifications: Show Notifications');
    for (const [title, question] of Object.entries(questions)) {
      // The editor itself makes these links: that they are some is what makes this a test.
      await workbench.page
        .locator('.notification-list-item')
        .getByRole('link', { name: `${title} it` })
        .first()
        .click();
      await workbench.dialog.getByText(question).waitFor();
      if (title === 'Forget') await workbench.screenshot('link-asks');
      await workbench.dialog.locator(':focus').waitFor();
      await workbench.page.keyboard.press('Escape');
      await workbench.dialog.waitFor({ state: 'hidden' });
      await workbench.runCommand('Notifications: Show Notifications');
    }
    assert.equal(readdirSync(stored).length, 1);
    assert.equal(readFileSync(join(documents, 'report.md'), 'utf8'), 'second\n');
  });

  it('finds no link alive in the message about a restored file, else its name runs a command', async () => {
    writeFileSync(join(documents, NASTY), 'ruined\n');
    await workbench.openContainer('PHLB');
    await workbench.expand(/^\d\d:\d\d, /);
    await workbench.contextMenu(/^\[Pay rent\]/, 'Restore…');
    await workbench.dialog.getByText(/^Restore \[Pay rent\]/).waitFor();
    await workbench.answerDialog('Restore');
    const told = workbench.notification(/Restored \[Pay rent\].*command:phlb\.forgetSource/);
    await told.waitFor();
    await workbench.screenshot('no-link');
    assert.equal(await told.locator('.notification-list-item-message a').count(), 0);
    assert.equal(readFileSync(join(documents, NASTY), 'utf8'), 'first\n');
    assert.ok(readdirSync(stored).length >= 1);
  });

  it('draws no icon of its own in a list, else a kept file looks like a deleted one', async () => {
    await workbench.runCommand('PHLB: Find File in Snapshots…');
    await workbench.page.getByPlaceholder('Part of a name').fill('notes');
    const found = workbench.quickPick(/notes\.txt/);
    await found.waitFor();
    await workbench.screenshot('no-icons');
    assert.equal(await found.locator('.codicon-trash, .codicon-error').count(), 0);
    assert.equal(await found.locator('.codicon-file').count(), 1);
  });

  it('has no link in what a mouse over the tree and the label of a snapshot show', async () => {
    await workbench.openContainer('PHLB');
    await workbench.expand(/^\d\d:\d\d, \[Pay rent\]/);
    for (const label of [/^\d\d:\d\d, \[Pay rent\]/, /^\[Pay rent\]/]) {
      const item = workbench.treeItem(label);
      await item.hover();
      const hover = workbench.page.locator('.monaco-hover').last();
      await hover.waitFor();
      assert.equal(await hover.locator('a').count(), 0);
      assert.equal(await item.locator('a:not(.action-label, .label-name)').count(), 0);
      await workbench.page.mouse.move(900, 500);
    }
  });
});
