import * as assert from 'node:assert/strict';
import { renameSync, rmSync } from 'node:fs';
import { OtherTerminal } from './history.js';
import { Workbench } from './workbench.js';

// The browser's, where the letters are drawn.
declare function getComputedStyle(element: unknown, pseudo: string): { content: string };

describe('The Snapshots view', () => {
  let workbench: Workbench;
  let terminal: OtherTerminal;

  before(async () => {
    workbench = await Workbench.launch(async (home, env) => {
      terminal = new OtherTerminal(home, env);
      terminal.write({
        'report.md': 'first\n',
        'budget.csv': 'in,out\n',
        'letters/invitation.md': 'Dear members\n',
        'letters/thanks.md': 'Dear neighbours, thank you\n',
        'notes/ideas.txt': 'a picture of the garden\n',
        'notes/old/list.txt': 'milk\n',
        'notes/rest.txt': 'unchanged\n',
      });
      terminal.backup('the first');
      terminal.write({ 'report.md': 'second\n', 'plan.md': 'a new plan\n' });
      rmSync(terminal.path('notes/ideas.txt'));
      rmSync(terminal.path('notes/old'), { recursive: true });
      renameSync(terminal.path('letters/thanks.md'), terminal.path('letters/garden.md'));
      terminal.backup('the second');
      return terminal.path('');
    });
    await workbench.openContainer('PHLB');
    await workbench.setSidebarWidth(385);
  });

  after(() => workbench?.close());

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.failed(this.currentTest.title);
  });

  it('marks what differs from the snapshot before, in letters, colours and words', async () => {
    await workbench.expand(/the second/);
    await workbench.treeItem(/^report\.md, Modified since the previous snapshot$/).waitFor();
    await workbench.treeItem(/^plan\.md, New since the previous snapshot$/).waitFor();
    await workbench.treeItem(/^budget\.csv$/).waitFor();
    await workbench.expand(/^letters, folder, Contains changes/);
    await workbench.treeItem(/^garden\.md, Moved from thanks\.md since/).waitFor();
    await workbench.treeItem(/^invitation\.md$/).waitFor();
    await workbench.screenshot('snapshots-view');
    assert.equal(await badge(/^report\.md/), 'M');
    assert.equal(await badge(/^plan\.md/), 'A');
    assert.equal(await badge(/^garden\.md/), 'R');
    assert.equal(await badge(/^invitation\.md/), '');
  });

  it('opens a changed file beside what it was, as Git views do', async () => {
    await workbench.treeItem(/^report\.md/).click();
    await workbench.tab(/report\.md \(Today \d\d:\d\d\) ↔ report\.md \(Today \d\d:\d\d\)/).waitFor();
    await workbench.showsText('first', 'original');
    await workbench.showsText('second', 'modified');
    await workbench.treeItem(/^garden\.md/).click();
    await workbench.tab(/thanks\.md \(Today \d\d:\d\d\) ↔ garden\.md/).waitFor();
    await workbench.showsText('Dear neighbours', 'modified');
    await workbench.screenshot('snapshots-view-diff');
  });

  it('shows past files in editors without letters, where they would look like those of Git', async () => {
    await workbench.contextMenu(/^report\.md/, 'Open Snapshot File');
    const tab = workbench.tab(/report\.md \(Today \d\d:\d\d\)$/);
    await tab.waitFor();
    await workbench.showsText('second');
    assert.doesNotMatch((await tab.getAttribute('aria-label')) ?? '', /Modified since/);
  });

  it('shows changes only on a click, else what was deleted is looked for in vain', async () => {
    await clickInTitle('Show Changes Only');
    await workbench.treeItem(/^budget\.csv/).waitFor({ state: 'detached' });
    await workbench.expand(/^notes, folder, Contains changes/);
    await workbench.expand(/^old, folder, Deleted since/);
    await workbench.treeItem(/^list\.txt, Deleted since the previous snapshot$/).waitFor();
    await workbench.treeItem(/^garden\.md, Moved from thanks\.md/).waitFor();
    assert.equal(await workbench.treeItem(/^rest\.txt/).count(), 0);
    assert.equal(await badge(/^ideas\.txt/), 'D');
    await workbench.treeItem(/^ideas\.txt, Deleted since the previous snapshot$/).click();
    await workbench.showsText('a picture of the garden');
    await workbench.contextMenu(/^ideas\.txt, Deleted/, 'Show Versions');
    await workbench.page.locator('.sidebar .pane-header').getByText('ideas.txt', { exact: true }).waitFor();
    await workbench.treeItem(/^Today \d\d:\d\d, 24 bytes, the first$/).waitFor();
    await workbench.expand(/the first/);
    await workbench.treeItem('The first snapshot: everything in it is new').waitFor();
    await workbench.screenshot('snapshots-view-changes');
    const first = workbench.treeItem(/^\d\d:\d\d, the first/);
    await first.hover();
    await first.getByRole('button', { name: 'Show Its Changes' }).click();
    await workbench.notification(/This is the oldest snapshot of documents/).waitFor();
    await workbench.clearNotifications();
    await clickInTitle('Show All Files');
    await workbench.treeItem(/^rest\.txt/).waitFor();
    assert.equal(await workbench.treeItem(/^ideas\.txt, Deleted/).count(), 0);
  });

  it('follows the command line within seconds and stays open where it was', async () => {
    terminal.write({ 'report.md': 'third\n' });
    const third = terminal.backup('the third');
    await workbench.treeItem(/the third/).waitFor({ timeout: 30_000 });
    await workbench.treeItem(/^garden\.md, Moved/).waitFor();
    terminal.phlb('label', third, 'renamed elsewhere');
    terminal.phlb('pin', third);
    await workbench.treeItem(/renamed elsewhere, pinned/).waitFor({ timeout: 30_000 });
    rmSync(terminal.tree(third), { recursive: true });
    await workbench.treeItem(/renamed elsewhere/).waitFor({ state: 'detached', timeout: 30_000 });
    assert.equal(await workbench.treeItem(/the second/).getAttribute('aria-expanded'), 'true');
    await workbench.treeItem(/^garden\.md, Moved/).waitFor();
  });

  it('tells what a restore has saved from the snapshots that were asked for', async () => {
    // Makes room for the tree.
    await workbench.page.locator('.sidebar .pane-header').getByText('File Versions', { exact: true }).click();
    terminal.write({ 'report.md': 'ruined\n' });
    const [first = ''] = /documents\/\S+/.exec(terminal.phlb('list')) ?? [];
    terminal.phlb('restore', first, 'report.md');
    await workbench.treeItem(/^Before restores, 1$/).waitFor({ timeout: 30_000 });
    await workbench.expand(/^Before restores/);
    await workbench.treeItem(/^Today \d\d:\d\d, before restoring report\.md/).waitFor();
    terminal.write({ 'plan.md': 'another plan\n' });
    terminal.backup('the fourth');
    await workbench.expand(/the fourth/);
    // Against the second, not against what the restore has saved.
    await workbench.treeItem(/^plan\.md, Modified since/).waitFor();
    await workbench.runCommand('Preferences: Toggle between Light/Dark Themes');
    await workbench.screenshot('snapshots-view-light');
  });

  it('shows what one snapshot has brought with a click, a page of very many at a time', async () => {
    const many = Array.from({ length: 130 }, (_, at) => [`pages/${String(at).padStart(3, '0')}.md`, `page ${at}\n`]);
    terminal.write(Object.fromEntries(many));
    terminal.backup('the fifth');
    const row = workbench.treeItem(/the fifth/);
    await row.waitFor({ timeout: 30_000 });
    await row.hover();
    await row.getByRole('button', { name: 'Show Its Changes' }).click();
    await workbench.tab(/^documents: Today \d\d:\d\d ↔ Today \d\d:\d\d · 1–100 of 130 \(100 files\)$/).waitFor();
    const told = workbench.notification(/1–100 of 130 are shown/);
    await told.waitFor();
    await workbench.screenshot('changes-page');
    await workbench.answerNotification(told, 'Next 30');
    await workbench.tab(/· 101–130 of 130 \(30 files\)$/).waitFor();
    await workbench.tab(/· 1–100 of 130/).waitFor({ state: 'detached' });
    await workbench.clearNotifications();
  });

  it('says that the location is not reachable, and notices when it is back', async () => {
    const root = `${workbench.home}/PyHardLinkBackups`;
    renameSync(root, `${root}.unplugged`);
    const away = workbench.page.locator('.sidebar').getByText(/The backup location ~\/.?PyHardLinkBackups cannot be/);
    await away.waitFor({ timeout: 30_000 });
    await workbench.treeItem('Change Backup Location…').waitFor();
    await workbench.screenshot('snapshots-view-unreachable');
    renameSync(`${root}.unplugged`, root);
    await workbench.treeItem(/^documents, /).waitFor({ timeout: 30_000 });
  });

  // They are there while the mouse is over the title, or the focus in the view.
  async function clickInTitle(title: string): Promise<void> {
    await workbench.page.locator('.sidebar .pane-header').getByText('Snapshots', { exact: true }).hover();
    await workbench.page.locator('.sidebar').getByRole('button', { name: title }).first().click();
  }

  /** The letter at the end of a row; the editor draws it as a style's content. */
  async function badge(label: RegExp): Promise<string> {
    const read = (): Promise<string> =>
      workbench.treeItem(label).evaluate(row => {
        const { content } = getComputedStyle(row.querySelector('.monaco-icon-label'), '::after');
        return content === 'none' || content === 'normal' ? '' : content.replaceAll('"', '');
      });
    // The editor asks for letters a little after the names.
    for (let tries = 0; tries < 20 && (await read()) === ''; tries++) await workbench.page.waitForTimeout(100);
    return read();
  }
});
