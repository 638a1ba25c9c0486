import * as assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeReport } from './history.js';
import { PICTURES, scrollTo, shootNow } from './shoot.js';
import { lightenKey } from '../support/light-key.js';
import { Workbench, type MakeWorkspace } from './workbench.js';

const PASSWORD = 'a word that nobody guesses';
const restic = process.env['PHLB_TEST_RESTIC'] ?? '';
const settings = { 'phlb.offsite.resticPath': restic };

describe('Copies off this machine', () => {
  let workbench: Workbench;
  let repository: string;

  before(async function () {
    if (restic === '') this.skip();
    workbench = await Workbench.launch(makeReport, { settings });
    repository = join(workbench.home, 'nas');
    await workbench.openContainer('PHLB');
  });

  after(() => workbench?.close());

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.failed(this.currentTest.title);
  });

  it('can be recovered from where there is no snapshot, which the view says', async () => {
    await workbench.welcome(/Are there copies on another machine\?/).waitFor();
    await workbench.screenshot('offsite-welcome');
  });

  it('are offered on the storage page, where there are none', async () => {
    await workbench.runCommand('PHLB: Backup Workspace');
    await workbench.treeItem(/^documents, /).waitFor();
    await workbench.runCommand('PHLB: Show Storage Usage');
    const section = workbench.webview().locator('#offsite');
    await scrollTo(section.getByText(/There are no copies off this machine/));
    assert.deepEqual(await section.getByRole('button').allInnerTexts(), [
      ...['Copy Off This Machine Now', 'Recover from Off-Machine Copies…'],
    ]);
    await workbench.screenshot('offsite-none');
  });

  it('ask for address and password, and say what a lost one means, else it is found out too late', async () => {
    await workbench.webview().locator('#offsite').getByRole('button', { name: 'Copy Off This Machine Now' }).click();
    await workbench.page
      .locator('.quick-input-widget:visible')
      .getByText(/address of a restic repository/)
      .waitFor();
    await workbench.screenshot('offsite-address');
    await workbench.answerInput('~/nas');
    await workbench.page
      .locator('.quick-input-widget:visible')
      .getByText(/The password that encrypts/)
      .waitFor();
    await workbench.screenshot('offsite-password');
    await workbench.answerPassword(/The password that encrypts the copies/, PASSWORD);
    await workbench.page
      .locator('.quick-input-widget:visible')
      .getByText(/Type its password again/)
      .waitFor();
    await workbench.page.locator('.quick-input-widget:visible input[type="password"]').fill('another');
    await workbench.page.getByText('It is not the same yet.').first().waitFor();
    await workbench.page.locator('.quick-input-widget:visible input[type="password"]').fill(PASSWORD);
    await workbench.answerPassword(/Type its password again/, PASSWORD);
    await workbench.dialog.getByText(/Without it nobody can open the copies/).waitFor();
    await workbench.screenshot('offsite-lost-password');
    await workbench.answerDialog('Copy Now');
    await workbench.notification(/Copied off this machine: 1 snapshot, .* sent\./).waitFor();
    assert.ok(readdirSync(join(repository, 'snapshots')).length > 0);
    lightenKey(repository, PASSWORD);
  });

  it('are told of on the page and in the tooltip, else nobody knows whether there are any', async () => {
    const section = workbench.webview().locator('#offsite');
    await section.getByText(/^Today \d\d:\d\d$/).waitFor();
    await workbench.status(/\. Copied off this machine now$/).waitFor();
    writeFileSync(join(workbench.home, 'documents', 'report.md'), 'Changed.\n');
    await workbench.runCommand('PHLB: Backup Workspace');
    const item = workbench.status(/\. Copied off this machine .*, 1 snapshot waits$/);
    await item.waitFor();
    await workbench.clearNotifications();
    await section.getByText('1', { exact: true }).waitFor();
    await scrollTo(section);
    await workbench.screenshot('offsite-dark');
    if (PICTURES) {
      await item.hover();
      await workbench.page
        .locator('.workbench-hover')
        .getByText(/1 snapshot waits/)
        .waitFor();
      await shootNow(workbench.page, 'out/screenshots/offsite-tooltip');
    }
    for (const [theme, style, name] of [
      ['Default Light Modern', 'vscode-light', 'offsite-light'],
      ['Default High Contrast', 'vscode-high-contrast', 'offsite-hc'],
      ['Default Dark Modern', 'vscode-dark', 'offsite-dark-again'],
    ] as const) {
      await workbench.chooseTheme(theme, style);
      await scrollTo(section);
      await workbench.screenshot(name);
    }
  });

  it('need no password a second time', async () => {
    assert.ok((await workbench.paletteEntries('PHLB: Check')).includes('PHLB: Check Off-Machine Copies'));
    await workbench.runCommand('PHLB: Copy Off This Machine Now');
    await workbench.notification(/Copied off this machine: 1 snapshot, .* sent\./).waitFor();
    await workbench.clearNotifications();
  });

  it('say when they fail, on the page and in the tooltip', async () => {
    renameSync(repository, `${repository}-away`);
    await workbench.runCommand('PHLB: Copy Off This Machine Now');
    await workbench.notification(/There is no repository: .*nas/).waitFor();
    await workbench.status(/Copying off this machine fails since Today .*: There is no repository/).waitFor();
    await workbench.clearNotifications();
    const section = workbench.webview().locator('#offsite');
    await scrollTo(section.getByText(/Copying off this machine fails since/));
    await workbench.screenshot('offsite-failing');
    renameSync(`${repository}-away`, repository);
  });

  it('bring everything back into an empty location', async () => {
    rmSync(join(workbench.home, 'PyHardLinkBackups'), { recursive: true });
    rmSync(join(workbench.home, '.state', 'phlb', 'roots'), { recursive: true });
    await workbench.runCommand('PHLB: Refresh');
    await workbench.openContainer('PHLB');
    const link = workbench.welcome(/./).locator('a', { hasText: 'Recover from Off-Machine Copies…' });
    await link.click();
    await workbench.answerInput(join(workbench.home, 'nas'));
    await workbench.dialog.getByText(/Nothing that is there is overwritten/).waitFor();
    await workbench.screenshot('offsite-recover');
    await workbench.answerDialog('Recover');
    await workbench.notification(/Recovered: 2 snapshots, .* fetched\./).waitFor();
    await workbench.treeItem(/^documents, /).waitFor();
    await workbench.screenshot('offsite-recovered');
  });

  it('are asked for their password again where it was wrong', async () => {
    const other = join(workbench.home, 'other');
    mkdirSync(other);
    const env = { ...process.env, RESTIC_REPOSITORY: other, RESTIC_PASSWORD: PASSWORD };
    assert.equal(spawnSync(restic, ['init'], { env }).status, 0);
    await workbench.clearNotifications();
    await workbench.runCommand('PHLB: Recover from Off-Machine Copies…');
    await workbench.answerInput(other);
    await workbench.answerPassword(/The password that encrypts/, 'wrong');
    await workbench.answerDialog('Recover');
    await workbench.answerPassword(/That password does not open/, PASSWORD);
    await workbench.notification(/There are no copies of PHLB's snapshots in this repository/).waitFor();
    assert.ok(existsSync(other));
  });

  it('can be cancelled, which is no failure, and go on the next time', async () => {
    await workbench.clearNotifications();
    writeFileSync(join(workbench.home, 'documents', 'film.bin'), randomBytes(500 << 20));
    await workbench.runCommand('PHLB: Backup Workspace');
    await workbench.notification(/Backed up documents/).waitFor();
    await workbench.runCommand('PHLB: Copy Off This Machine Now');
    await workbench.answerNotification(workbench.notification(/Copying off this machine/), 'Cancel');
    await workbench.notification(/Copying off this machine/).waitFor({ state: 'hidden' });
    await workbench.status(/\. Copied off this machine [^.]*, 1 snapshot waits$/).waitFor();
    const locks = join(repository, 'locks');
    for (const end = Date.now() + 20_000; readdirSync(locks).length > 0 && Date.now() < end;) await sleep(100);
    assert.deepEqual(readdirSync(locks), [], 'restic goes on, or has left its lock');
    await workbench.runCommand('PHLB: Copy Off This Machine Now');
    await workbench.notification(/Copied off this machine: 1 snapshot, .* sent\./).waitFor();
  });
});

describe('Copies off this machine in German', () => {
  let workbench: Workbench;

  before(async function () {
    if (restic === '') this.skip();
    const makeWorkspace: MakeWorkspace = async (home, env) => {
      const folder = await makeReport(home);
      const cli = join(process.cwd(), 'dist', 'cli.js');
      const copyEnv = { ...env, RESTIC_PASSWORD: PASSWORD, RESTIC_REPOSITORY: join(home, 'nas'), PHLB_RESTIC: restic };
      for (const args of [
        ['backup', join(home, 'documents')],
        ['offsite', 'init'],
        ['offsite', 'push'],
      ]) {
        const { status, stderr } = spawnSync(process.execPath, [cli, ...args], { env: copyEnv, encoding: 'utf8' });
        assert.equal(status, 0, stderr);
      }
      return folder;
    };
    const more = { 'phlb.offsite.repository': '~/nas', 'phlb.offsite.schedule': 'daily' };
    workbench = await Workbench.launch(makeWorkspace, { language: 'de', settings: { ...settings, ...more } });
  });

  after(() => workbench?.close());

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.failed(this.currentTest.title);
  });

  it('are shown as the command line has left them', async () => {
    await workbench.runCommand('PHLB: Speicherbelegung anzeigen');
    const section = workbench.webview().locator('#offsite');
    await section.getByText(/^Heute \d\d:\d\d$/).waitFor();
    await workbench.status(/Nach auswärts kopiert/).waitFor();
    await section.getByText('einmal am Tag').waitFor();
    await scrollTo(section);
    await workbench.screenshot('offsite-german');
  });
});
