import * as assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { FrameLocator } from 'playwright-core';
import { scrollTo } from './shoot.js';
import { Workbench } from './workbench.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const bad = '<img src=x onerror=alert(1)>';

describe('The storage page', function () {
  let workbench: Workbench;
  let page: FrameLocator;
  let root: string;

  before(async () => {
    workbench = await Workbench.launch(async (home, env) => {
      makeHistory(home, env);
      return join(home, 'documents');
    });
    // A name that a browser may have from its system, and Intl refuses; for the page, which is loaded later.
    await workbench.page.addInitScript({
      content: "Object.defineProperty(Navigator.prototype, 'language', { get: () => 'en-US@posix' })",
    });
    root = join(workbench.home, 'PyHardLinkBackups');
    page = workbench.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  });

  after(() => workbench?.close());

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.failed(this.currentTest.title);
  });

  it('says what du says, else a user trusts wrong numbers', async () => {
    await workbench.runCommand('PHLB: Show Storage Usage');
    await page.getByRole('heading', { name: 'Storage', exact: true }).waitFor();
    const bytes = await page.getByText(/bytes, as du counts/).innerText();
    const du = execFileSync('du', ['-sB1', root], { encoding: 'utf8' }).split('\t')[0];
    assert.equal(bytes.replace(/\D/g, ''), du);
    assert.equal(await page.locator('canvas').count(), 2);
    await workbench.screenshot('storage-dark');
  });

  it('shows names as text, else a file name could run script in the editor', async () => {
    await page.getByText(bad).first().waitFor();
    assert.equal(await page.locator('img').count(), 0);
  });

  it('sorts by what deleting frees, else nobody finds the snapshot that fills the disk', async () => {
    await page.getByRole('button', { name: 'Frees alone' }).click();
    const cells = await page.locator('tbody tr td:nth-child(6)').allInnerTexts();
    assert.ok(cells.length > 10, String(cells.length));
    assert.match(cells[0] ?? '', /MB/);
    assert.doesNotMatch(cells.at(-1) ?? '', /MB/);
    assert.equal(await page.locator('th[aria-sort="descending"]').innerText(), 'Frees alone');
  });

  it('says what the next clean-up deletes and why the rest stays, else retention is a surprise', async () => {
    await page.getByText(/^The next clean-up deletes \d+ snapshots and frees .*; \d+ stay\.$/).waitFor();
    await page.getByText(/^11 × one of the newest$/).waitFor();
    await page
      .locator('td', { hasText: /^goes$/ })
      .first()
      .waitFor();
    await page
      .locator('td', { hasText: /stays: .*pinned/ })
      .first()
      .waitFor();
  });

  it('tells each point of a chart in words by keyboard, else it is nothing to who cannot see it', async () => {
    const chart = page.getByRole('img', { name: /^Size of documents from / });
    await chart.focus();
    await workbench.page.keyboard.press('End');
    await page.getByText(/^Yesterday \d\d:\d\d · As full copies: .* · Stored: /).waitFor();
  });

  it('follows the theme, else it cannot be read in another one', async () => {
    for (const [theme, style, name] of [
      ['Default Light Modern', 'vscode-light', 'storage-light'],
      ['Default High Contrast', 'vscode-high-contrast', 'storage-hc'],
    ] as const) {
      await workbench.chooseTheme(theme, style);
      await scrollTo(page.getByRole('heading', { name: 'Storage', exact: true }));
      await workbench.screenshot(name);
    }
    await workbench.chooseTheme('Default Dark Modern', 'vscode-dark');
    await scrollTo(page.getByRole('heading', { name: 'Retention' }));
    await workbench.screenshot('storage-table');
  });

  it('fits a narrow editor, else half of it is out of sight', async () => {
    await workbench.setSidebarWidth(820);
    await scrollTo(page.getByRole('heading', { name: 'Storage', exact: true }));
    await workbench.screenshot('storage-narrow');
    const overhang = await page.locator('body').evaluate(body => body.scrollWidth - body.clientWidth);
    assert.ok(overhang <= 0, `${overhang} pixels`);
    await workbench.setSidebarWidth(300);
  });

  it('does to a snapshot what its row offers, and asks before it deletes', async () => {
    const row = page.locator('tbody tr').filter({ hasText: 'before the move' });
    await row.getByRole('button', { name: /^What can be done with it/ }).click();
    const actions = page.locator('tr.of-row');
    await scrollTo(actions);
    await workbench.screenshot('storage-row');
    assert.deepEqual(await actions.getByRole('button').allInnerTexts(), [
      ...['Show Changes Since This Snapshot', 'Restore…', 'Label…', 'Unpin', 'Reveal in File Manager', 'Verify'],
    ]);
    await actions.getByRole('button', { name: 'Label…' }).click();
    await workbench.answerInput('before the great move');
    await page.getByText('before the great move').waitFor();
    // Sorted by what deleting frees.
    const other = page.locator('tbody tr').filter({ hasNotText: 'pinned' }).first();
    const [frees = ''] = (await other.locator('td').nth(4).innerText()).split(/\s/);
    assert.match(frees, /^\d/);
    await other.getByRole('button', { name: /^What can be done with it/ }).click();
    await actions.getByRole('button', { name: 'Delete…' }).click();
    await workbench.dialog.getByText(new RegExp(`(^|\\s)${frees}\\s[kM]B will be freed`)).waitFor();
    await workbench.screenshot('storage-delete');
    await workbench.answerDialog('Cancel');
    await other.waitFor();
  });

  it('says in the page what goes wrong there, else it is blank and nobody knows why', async () => {
    await page.locator('body').evaluate(body => {
      body.ownerDocument.defaultView?.setTimeout(() => {
        throw new Error('<b>broken</b>');
      });
    });
    await page
      .getByRole('alert')
      .filter({ hasText: 'could not be shown; the log says more. Error: <b>broken</b>' })
      .waitFor();
    await workbench.screenshot('storage-failure');
    await page.locator('header').getByRole('button', { name: 'Refresh' }).click();
    await page.getByRole('alert').waitFor({ state: 'detached' });
  });

  it('measures again after a backup by itself, else its numbers are old', async () => {
    const figure = page.locator('.figure').filter({ has: page.getByText('Snapshots', { exact: true }) });
    const before = Number(await figure.locator('.value').innerText());
    await page.getByRole('button', { name: 'Back Up' }).click();
    await page
      .locator('.figure', { hasText: 'Snapshots' })
      .getByText(String(before + 1), { exact: true })
      .waitFor();
  });

  it('says so when the drive is gone, else an empty page looks like lost backups', async () => {
    renameSync(root, `${root}-away`);
    await page.locator('header').getByRole('button', { name: 'Refresh' }).click();
    await page.getByRole('heading', { name: 'The backup location cannot be reached' }).waitFor();
    await workbench.screenshot('storage-unreachable');
    renameSync(`${root}-away`, root);
    await page.getByRole('button', { name: 'Refresh' }).click();
    await page.getByText(/bytes, as du counts/).waitFor();
  });
});

// Two folders whose snapshots go back for nine months.
function makeHistory(home: string, env: NodeJS.ProcessEnv): void {
  const documents = join(home, 'documents');
  for (let n = 0; n < 30; n++) write(join(documents, `chapter-${n}.md`), 150_000);
  const ages = [270, 240, 215, 190, 160, 140, 110, 90, 62, 45, 30, 21, 14, 9, 6, 4, 3, 2, 1.2, 1.1, 1];
  ages.forEach((days, run) => {
    write(join(documents, `chapter-${run % 30}.md`), 150_000 + 20_000 * run);
    write(join(documents, `new-${run}.bin`), run % 4 === 0 ? 1_200_000 : 200_000);
    const label = run === 3 ? ['--label', bad] : run === 9 ? ['--label', 'before the move'] : [];
    backUp(documents, env, days * DAY, label);
  });
  const photos = join(home, 'photos');
  [200, 150, 100, 50, 10].forEach((days, run) => {
    for (let n = 0; n < 3; n++) write(join(photos, `2016-${run}`, `photo-${n}.jpg`), 900_000);
    backUp(photos, env, days * DAY, run === 1 ? ['--label', 'the garden'] : []);
  });
  const list = JSON.parse(phlb(['list', '--json'], env)) as {
    sources: { name: string; snapshots: { id: string; label: string | null }[] }[];
  };
  const labelled = list.sources.flatMap(({ snapshots }) => snapshots).find(({ label }) => label === 'before the move');
  phlb(['pin', labelled?.id ?? ''], env);
}

function write(path: string, bytes: number): void {
  if (!existsSync(dirname(path))) mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, randomBytes(bytes));
}

function backUp(folder: string, env: NodeJS.ProcessEnv, agoMs: number, more: string[]): void {
  // Written a minute before, as far as the run can see: what is younger than its run is read again.
  const written = (Date.now() - agoMs) / 1000 - 60;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && statSync(path).mtimeMs > written * 1000) utimesSync(path, written, written);
  }
  phlb(['backup', folder, ...more], { ...env, PHLB_SAMPLE_SHIFT_MS: String(-agoMs) });
}

function phlb(args: string[], env: NodeJS.ProcessEnv): string {
  const clock = ['--require', join(process.cwd(), 'scripts', 'start', 'past-clock.cjs')];
  const cli = join(process.cwd(), 'dist', 'cli.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [...clock, cli, ...args], { env, encoding: 'utf8' });
  assert.equal(status, 0, `phlb ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}
