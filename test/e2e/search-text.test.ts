import * as assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine } from '../support/command-line.js';
import { Workbench } from './workbench.js';

const LOST = [
  'export function roundToCents(amount: number): number {',
  '  return Math.round(amount * 100) / 100;',
  '}',
];

/** Inside this process: forty processes take longer than all else here. */
function backUp(project: string, home: string, { PATH, HOME, XDG_STATE_HOME }: NodeJS.ProcessEnv): void {
  const env = { PATH, HOME, XDG_STATE_HOME };
  const ended = commandLine({ args: ['backup', project, '--quiet'], env, folder: home, onThreads: false });
  assert.equal(ended.status, 0, ended.stderr);
}

/** A project of which a function and a file were deleted so many snapshots ago. */
function makeShop(home: string, env: NodeJS.ProcessEnv, snapshots = 40): string {
  const project = join(home, 'shop');
  const write = (path: string, lines: readonly string[]): void => {
    mkdirSync(join(project, 'src'), { recursive: true });
    writeFileSync(join(project, path), `${lines.join('\n')}\n`);
  };
  const prices = ["export const currency = 'EUR';", '', 'export function total(prices: number[]): number {', '}', ''];
  write('src/prices.ts', [...prices, ...LOST]);
  write('src/old-cart.ts', ["import { roundToCents } from './prices';", '', 'export const cart = [];']);
  write('readme.md', ['# Shop']);
  backUp(project, home, env);
  write('src/prices.ts', ['export const tax = 19; // roundToCents stays', ...prices, ...LOST]);
  backUp(project, home, env);
  write('src/prices.ts', prices);
  rmSync(join(project, 'src', 'old-cart.ts'));
  for (let at = 1; at <= snapshots; at++) {
    write('readme.md', ['# Shop', `Day ${at}`]);
    backUp(project, home, env);
  }
  return project;
}

describe('Somebody who deleted a function forty snapshots ago', () => {
  let workbench: Workbench;
  let prices: string;

  before(async () => {
    workbench = await Workbench.launch((home, env) => Promise.resolve(makeShop(home, env)));
    prices = join(workbench.home, 'shop', 'src', 'prices.ts');
    await workbench.openContainer('PHLB');
    await workbench.setSidebarWidth(385);
  });

  after(() => workbench?.close());

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.failed(this.currentTest.title);
    await workbench.page.keyboard.press('Escape');
    await workbench.clearNotifications();
  });

  it('finds it by a word of it, with what is gone told apart', async () => {
    await workbench.runCommand('PHLB: Search Text in Snapshots…');
    await workbench.page.locator('.quick-input-widget:visible').getByText('Looks through every version').waitFor();
    await workbench.screenshot('search-text-input');
    await workbench.answerInput('roundtocents');
    await workbench.page.locator('.sidebar').getByText('"roundtocents": 4 matches in 2 files').waitFor();
    await workbench.treeItem(/^prices\.ts, src, 3 matches, gone today$/).waitFor();
    await workbench.treeItem(/^old-cart\.ts, src, 1 match, file deleted, Today/).waitFor();
    await workbench.treeItem(/^export function roundToCents.*Line 7, gone today$/).waitFor();
    await workbench.screenshot('search-text');
    const restoring = ['Restore…', 'Restore To…'];
    const comparing = ['Compare with Current File', 'Compare with Previous Snapshot', 'Show Versions'];
    const others = ['Open Snapshot File', 'Reveal in File Manager', 'Copy Path'];
    for (const label of [/^prices\.ts, src/, /^Today \d\d:\d\d, 2 matches/, /^export function roundToCents.*Line 7/]) {
      assert.deepEqual(await workbench.menuEntries(label), [...restoring, ...comparing, ...others]);
    }
    await workbench.setSidebarWidth(200);
    await workbench.screenshot('search-text-narrow');
    await workbench.setSidebarWidth(385);
  });

  it('looks at it where it stood, and compares that file with today', async () => {
    await workbench.treeItem(/^export function roundToCents.*Line 7/).click();
    await workbench.tab(/^prices\.ts \(Today/).waitFor();
    await workbench.showsText('Math.round(amount * 100)');
    await workbench.statusBarItem('Ln 7, Col 29 (12 selected)').waitFor();
    await workbench.screenshot('search-text-opened');
    await workbench.contextMenu(/^export function roundToCents.*Line 7/, 'Compare with Current File');
    await workbench.tab(/^prices\.ts \(Today .*↔ prices\.ts/).waitFor();
    await workbench.showsText('Math.round(amount * 100)', 'original');
    await workbench.screenshot('search-text-compared');
  });

  it('restores it', async () => {
    await workbench.contextMenu(/^export function roundToCents.*Line 7/, 'Restore…');
    await workbench.dialog.waitFor();
    await workbench.screenshot('search-text-restore');
    await workbench.answerDialog('Restore');
    await workbench.notification(/Restored/).waitFor();
    assert.ok(readFileSync(prices, 'utf8').includes(LOST.join('\n')));
  });

  it('is told of a pattern that is none while it is typed, and looks for text that is gone only', async () => {
    await workbench.runCommand('PHLB: Search Text in Snapshots…');
    const box = workbench.page.locator('.quick-input-widget:visible');
    await box.getByRole('button', { name: 'Use Regular Expression (off)' }).click();
    await box.locator('input').first().fill('round(');
    await box.getByText(/Not a regular expression: missing closing \)/).waitFor();
    await workbench.screenshot('search-text-pattern');
    await box.getByRole('button', { name: 'Only What Is Gone Today (off)' }).click();
    await box.getByText('Search Text in Snapshots · Use Regular Expression · Only What Is Gone Today').waitFor();
    await workbench.answerInput(String.raw`round\w+`);
    await workbench.page
      .locator('.sidebar')
      .getByText(/: 1 match in 1 file$/)
      .waitFor();
    await workbench.treeItem(/^old-cart\.ts, src, 1 match, file deleted/).waitFor();
    await workbench.treeItem(/^prices\.ts/).waitFor({ state: 'hidden' });
  });

  it('searches below a folder of the Explorer, and puts the view away', async () => {
    await workbench.openContainer('Explorer');
    await workbench.contextMenu(/^src/, 'Search Text in Snapshots…');
    await workbench.page.locator('.quick-input-widget:visible').getByText('of every file in src.').waitFor();
    await workbench.page.getByRole('button', { name: 'Use Regular Expression (on)' }).click();
    await workbench.page.getByRole('button', { name: 'Only What Is Gone Today (on)' }).click();
    await workbench.answerInput('Shop');
    await workbench.page.locator('.sidebar').getByText('"Shop" in src: nothing found').waitFor();
    await workbench.page.locator('.sidebar').getByRole('button', { name: 'Clear and Close Search' }).click();
    await workbench.page
      .locator('.sidebar')
      .getByText(/nothing found/)
      .waitFor({ state: 'hidden' });
  });

  it('searches for what is selected in an editor', async () => {
    await workbench.openFile('readme.md');
    await workbench.page.keyboard.press('Control+Home');
    await workbench.page.keyboard.press('Shift+End');
    await workbench.page.locator('.editor-group-container.active .view-line').first().click({ button: 'right' });
    await workbench.chooseFromMenu('Search Snapshots for Selection');
    await workbench.page.locator('.sidebar').getByText('"# Shop": 41 matches in 1 file').waitFor();
    await workbench.screenshot('search-text-selection');
  });
});

describe('Somebody who searches in German', () => {
  let workbench: Workbench;

  before(async () => {
    workbench = await Workbench.launch((home, env) => Promise.resolve(makeShop(home, env, 2)), { language: 'de' });
    await workbench.openContainer('PHLB');
  });

  after(() => workbench?.close());

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.failed(this.currentTest.title);
  });

  it('reads what is asked and what is found in German', async () => {
    await workbench.runCommand('PHLB: Text in Schnappschüssen suchen…');
    const box = workbench.page.locator('.quick-input-widget:visible');
    await box.getByText('Durchsucht jede Version jeder Datei.').waitFor();
    await box.getByRole('button', { name: 'Groß-/Kleinschreibung beachten (aus)' }).click();
    await workbench.screenshot('german-search-input');
    await workbench.answerInput('roundToCents');
    await workbench.page.locator('.sidebar').getByText('„roundToCents“: 4 Treffer in 2 Dateien').waitFor();
    await workbench.treeItem(/^old-cart\.ts, src, 1 Treffer, Datei gelöscht, Heute/).waitFor();
    await workbench.treeItem(/^export function roundToCents.*Zeile 7, fehlt heute$/).waitFor();
    await workbench.screenshot('german-search');
  });
});
