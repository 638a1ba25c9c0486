import * as assert from 'node:assert/strict';
import { readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { OtherTerminal } from './history.js';
import { Workbench } from './workbench.js';

describe('The File Versions view', () => {
  let workbench: Workbench;
  let terminal: OtherTerminal;

  before(async () => {
    workbench = await Workbench.launch(
      async (home, env) => {
        terminal = new OtherTerminal(home, env);
        const logo = readFileSync(join(process.cwd(), 'media', 'icon.png'));
        terminal.write({ 'draft.md': 'the first draft\n', 'logo.png': logo, 'todo.txt': 'milk\n' });
        terminal.backup('begun');
        terminal.write({ 'draft.md': 'the second draft, somewhat longer\n' });
        terminal.backup('');
        renameSync(terminal.path('draft.md'), terminal.path('report.md'));
        terminal.backup('handed in');
        terminal.write({ 'report.md': 'the report\n', 'new.md': 'not backed up yet\n' });
        terminal.backup('after lunch', '--exclude', 'new.md');
        terminal.write({ 'report.md': 'the report of today\n' });
        return terminal.path('');
      },
      { settings: { 'workbench.editor.enablePreview': true } },
    );
    await workbench.openContainer('PHLB');
    await workbench.setSidebarWidth(385);
  });

  after(() => workbench?.close());

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.failed(this.currentTest.title);
  });

  it('asks for a file where none is open', async () => {
    await workbench.welcome(/Open a file to see its versions/).waitFor();
  });

  it('shows every version of the file in the editor, also those under an earlier name', async () => {
    await workbench.openFile('report.md');
    await workbench.openContainer('PHLB');
    await version(/after lunch$/).waitFor();
    await current(/20 bytes, changed$/).waitFor();
    assert.deepEqual(await versions(), [
      'Current, 20 bytes, changed',
      '11 bytes, after lunch',
      '34 bytes, handed in',
      '34 bytes, as draft.md',
      '16 bytes, as draft.md, begun',
    ]);
    await workbench.page.locator('.sidebar .pane-header').getByText('report.md', { exact: true }).waitFor();
    await workbench.screenshot('file-versions');
    await workbench.setSidebarWidth(200);
    await workbench.screenshot('file-versions-narrow');
    await workbench.setSidebarWidth(385);
  });

  it('compares a version with the one before it on a click, and stays with the file', async () => {
    await version(/after lunch$/).click();
    await workbench.tab(/report\.md \(Today \d\d:\d\d\) ↔ report\.md \(Today \d\d:\d\d\)/).waitFor();
    await workbench.showsText('the second draft', 'original');
    await workbench.showsText('the report', 'modified');
    await version(/16 bytes, as draft\.md, begun$/).click();
    await workbench.tab(/^draft\.md \(Today \d\d:\d\d\)/).waitFor();
    await workbench.showsText('the first draft');
    assert.equal((await versions()).length, 5);
    await workbench.page.locator('.sidebar .pane-header').getByText('report.md', { exact: true }).waitFor();
  });

  it('goes on to older and newer versions by the arrows of a comparison, and by keys', async () => {
    await current(/./).click();
    await workbench.tab(/^report\.md \(Today \d\d:\d\d\) ↔ report\.md$/).waitFor();
    await workbench.showsText('the report of today', 'modified');
    await workbench.showsText('the report', 'original');
    await workbench.screenshot('version-arrows');
    await titleButton('Previous Version').click();
    await workbench.showsText('the second draft', 'original');
    await workbench.showsText('the report of today', 'modified');
    await workbench.page.keyboard.press('Alt+,');
    await workbench.tab(/^draft\.md \(Today \d\d:\d\d\) ↔ report\.md$/).waitFor();
    await titleButton('Previous Version').click();
    await workbench.showsText('the first draft', 'original');
    await titleButton('Previous Version').click();
    await workbench.notification('There is no older version of draft.md.').waitFor();
    await workbench.clearNotifications();
    await titleButton('Next Version').click();
    await workbench.showsText('the second draft', 'original');
  });

  it('tells more of a version when the mouse is over it', async () => {
    await version(/after lunch$/).hover();
    const hover = workbench.page.locator('.monaco-hover').filter({ hasText: 'Lines: 1 added, 1 removed' });
    await hover.waitFor();
    assert.match(await hover.innerText(), /report\.md[\s\S]*Modified[\s\S]*11 bytes[\s\S]*Label: after lunch/);
  });

  it('says whether the file of today differs, whoever changes it', async () => {
    terminal.write({ 'report.md': 'the report\n' });
    await current(/11 bytes, not changed$/).waitFor();
    terminal.write({ 'report.md': 'the report of today\n' });
    await current(/20 bytes, changed$/).waitFor();
    await workbench.openFile('report.md');
    await workbench.page.keyboard.type('x');
    await workbench.openContainer('PHLB');
    await current(/unsaved changes$/).waitFor();
    await workbench.runCommand('File: Revert File');
    await current(/20 bytes, changed$/).waitFor();
  });

  it('offers the comparison with the file of today in the row', async () => {
    const row = version(/handed in$/);
    await row.hover();
    await row.getByRole('button', { name: 'Compare with Current File' }).click();
    await workbench.showsText('the second draft', 'original');
    await workbench.showsText('the report of today', 'modified');
    await row.hover();
    await row.getByRole('button', { name: 'Restore…' }).click();
    await workbench.answerDialog('Cancel');
  });

  it('follows the editor to an image, and to a file that no snapshot holds', async () => {
    await workbench.openContainer('Explorer');
    await workbench.treeItem('logo.png').dblclick();
    await workbench.openContainer('PHLB');
    await version(/begun$/).waitFor();
    await version(/after lunch$/).waitFor({ state: 'detached' });
    await workbench.openFile('new.md');
    await workbench.openContainer('PHLB');
    await workbench.welcome(/No snapshot holds this file yet/).waitFor();
    await workbench.screenshot('file-versions-none');
  });

  it('takes a new snapshot in, and still shows a file that is gone from the disk', async () => {
    await workbench.openFile('todo.txt');
    await workbench.openContainer('PHLB');
    await version(/begun$/).waitFor();
    terminal.write({ 'todo.txt': 'milk and bread\n' });
    terminal.backup('shopping');
    await version(/15 bytes, shopping$/).waitFor({ timeout: 30_000 });
    rmSync(terminal.path('todo.txt'));
    terminal.backup('gone');
    await workbench.treeItem(/, gone/).waitFor({ timeout: 30_000 });
    await workbench.page.waitForTimeout(1000);
    assert.deepEqual(await versions(), ['15 bytes, shopping', '5 bytes, begun']);
  });

  it('is opened on a file that is chosen in the Explorer, whatever the editor shows', async () => {
    await workbench.openContainer('Explorer');
    await workbench.contextMenu('logo.png', 'Show Versions');
    await workbench.page.locator('.sidebar .pane-header').getByText('logo.png', { exact: true }).waitFor();
    await current(/not changed$/).waitFor();
  });

  function current(label: RegExp): ReturnType<Workbench['treeItem']> {
    return rows()
      .and(workbench.page.getByRole('treeitem', { name: /^Current, / }))
      .and(workbench.page.getByRole('treeitem', { name: label }));
  }

  function titleButton(name: string): ReturnType<Workbench['treeItem']> {
    return workbench.page.locator('.editor-group-container.active .editor-actions').getByRole('button', { name });
  }

  function version(label: RegExp): ReturnType<Workbench['treeItem']> {
    return rows()
      .filter({ visible: true })
      .and(workbench.page.getByRole('treeitem', { name: label }))
      .first();
  }

  function rows(): ReturnType<Workbench['treeItem']> {
    return workbench.page.locator('.sidebar .pane').nth(1).getByRole('treeitem');
  }

  /** What the rows say after the time. */
  async function versions(): Promise<string[]> {
    const labels = await rows().evaluateAll(all => all.map(row => row.getAttribute('aria-label') ?? ''));
    return labels.map(label => label.replace(/^Today \d\d:\d\d, /, ''));
  }
});
