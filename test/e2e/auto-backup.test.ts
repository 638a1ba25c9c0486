import * as assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { acquireLock } from '../../src/engine/store/lock.js';
import { NO_RUN_MS, OFTEN, RUN } from './often.js';
import { Workbench } from './workbench.js';

// Two kilobytes: any store is larger.
const settings = { ...OFTEN, 'phlb.warnAtSize': 2e-6 };

describe('Auto-backup, as a user sees it', () => {
  let workbench: Workbench;
  let backups: string;
  let documents: string;

  before(async () => {
    workbench = await Workbench.launch(
      async (home, env) => {
        const folder = join(home, 'documents');
        mkdirSync(folder);
        writeFileSync(join(folder, 'report.md'), '# Report\n');
        writeFileSync(join(folder, 'brief.txt'), 'Dear reader\n');
        const run = spawnSync(process.execPath, [resolve('dist/cli.js'), 'backup', folder], { env });
        assert.equal(run.status, 0, String(run.stderr));
        return folder;
      },
      { settings },
    );
    documents = join(workbench.home, 'documents');
    backups = join(workbench.home, 'PyHardLinkBackups');
    await workbench.watchFor(/No backup|There is no snapshot|No snapshot holds/);
  });

  after(() => workbench?.close());

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.failed(this.currentTest.title);
  });

  it('knows the snapshot that the command line has taken, else it says that there is none', async () => {
    await workbench.statusBarItem(/now|min/).waitFor();
    await workbench.status(/^PHLB\. Last backup: Today/).waitFor();
    await workbench.openContainer('PHLB');
    await workbench.treeItem(/^documents, /).waitFor();
    assert.deepEqual(await workbench.watched(), [], 'it was said for a moment');
  });

  it('shows that there is a question as long as it is not answered', async () => {
    await workbench.treeItem(/^Turn on auto-backup\?/).waitFor();
    await workbench.status(/Auto-backup is not on yet/).click();
    await workbench.quickPick(/Turn On Auto-Backup…/).waitFor();
    assert.equal(await workbench.quickPick(/(Pause|Resume) Auto-Backup/).count(), 0);
    await workbench.screenshot('unanswered-auto-backup');
    await workbench.page.keyboard.press('Escape');
    assert.deepEqual(
      (await workbench.paletteEntries('PHLB: ')).filter(title => title.includes('Auto-Backup')),
      ['PHLB: Turn On Auto-Backup…'],
    );
  });

  it('asks once, with what it is about, and the rest behind "More…"', async () => {
    const text = await save('First. ');
    const question = workbench.notification(
      /Back up this workspace automatically when files are saved, and others that you open\? This one has 2 files/,
    );
    await question.waitFor(RUN);
    // In a container, "Not Now" comes first.
    assert.deepEqual(
      (await question.locator('.notification-list-item-buttons-container .monaco-button').allInnerTexts()).toSorted(),
      ['More…', 'Never', 'Not Now', 'Only This Folder', 'Turn On'],
    );
    await workbench.screenshot('consent-auto-backup');
    await workbench.answerNotification(question, 'More…');
    await workbench.dialog.getByText(/kept: the 6 newest, then hourly for 12 hours/).waitFor();
    await workbench.screenshot('consent-more-auto-backup');
    await workbench.answerDialog('Turn On');
    await taken(text);
    await workbench.openContainer('PHLB');
    await workbench.treeItem(/^Turn on auto-backup\?/).waitFor({ state: 'detached' });
  });

  it('warns once that all snapshots together take more than was set, with what can be done', async () => {
    const warning = workbench.notification(
      /All snapshots together take [\d.]+ kB, which is more than the limit of 2.1 kB/,
    );
    await warning.waitFor(RUN);
    await warning.getByRole('button', { name: 'Show Storage Usage' }).waitFor();
    await warning.getByRole('button', { name: 'Clean Up Old Snapshots…' }).waitFor();
    await workbench.screenshot('size-auto-backup');
    await workbench.clearNotifications();
  });

  it('says once that the location is away, shows it, and goes on by itself', async () => {
    renameSync(backups, `${backups}.unplugged`);
    const text = await save('Second. ');
    await workbench.notification(/Automatic backups are paused\. The backup location cannot be reached/).waitFor(RUN);
    const status = workbench.status(/^PHLB\. The backup location cannot be reached, so automatic backups are paused/);
    await status.waitFor();
    await status.locator('.codicon-warning').waitFor();
    await workbench.screenshot('unreachable-auto-backup');
    await workbench.clearNotifications();
    await workbench.page.waitForTimeout(NO_RUN_MS);
    assert.equal(await workbench.notification(/Automatic backups are paused/).count(), 0);
    assert.equal(existsSync(backups), false);
    renameSync(`${backups}.unplugged`, backups);
    await taken(text);
    await workbench.status(/^PHLB\. Last backup/).waitFor();
  });

  it('shows that it is paused, else a user relies on what does not run', async () => {
    await workbench.runCommand('PHLB: Pause Auto-Backup');
    const status = workbench.status(/^PHLB\. .*Auto-backup is paused/);
    await status.locator('.codicon-debug-pause').waitFor();
    await workbench.screenshot('paused-auto-backup');
    await workbench.runCommand('PHLB: Resume Auto-Backup');
    await workbench.status(/^PHLB\. Last backup: [^.]*\. Auto-backup is on$/).waitFor();
  });

  it('takes a change whose window was closed in the middle of the run, when it is opened again', async () => {
    // Another program is at work on the store: the run waits in the middle for as long as it takes.
    const lock = await acquireLock(join(backups, '.phlb', 'lock'), 'another', { cancelled: () => false });
    try {
      const before = stamps();
      const text = await save('Third. ');
      await workbench.statusBarItem(/Backing up/).waitFor(RUN);
      await workbench.reload();
      assert.deepEqual(stamps(), before);
      lock.release();
      await taken(text);
      const newest = join(backups, 'documents', stamps().at(-1) ?? '');
      assert.equal(spawnSync('diff', ['-r', '--no-dereference', documents, newest]).status, 0);
    } finally {
      lock.release();
    }
  });

  it('tells once of damage that the scrub finds, else nobody knows before the day it matters', async () => {
    const stored = join(backups, 'documents', stamps().at(-1) ?? '', 'brief.txt');
    const { atime, mtime } = statSync(stored);
    chmodSync(stored, 0o600);
    writeFileSync(stored, 'Dear rotter\n');
    utimesSync(stored, atime, mtime);
    chmodSync(stored, 0o400);
    await taken(await save('Fourth. '));
    const warning = workbench.notification(/Damage found in the backups: 1 file/);
    await warning.waitFor(RUN);
    await warning.getByRole('button', { name: 'Verify Snapshots' }).waitFor();
    await workbench.screenshot('damage-auto-backup');
    assert.equal(await workbench.notification(/All snapshots together/).count(), 0);
  });

  it('warns once that there is suddenly nothing to back up, and shows it until there is something again', async () => {
    const settingsFile = join(documents, '.vscode', 'settings.json');
    mkdirSync(join(documents, '.vscode'));
    writeFileSync(settingsFile, JSON.stringify({ 'phlb.backup.exclude': { '**': true } }));
    const before = stamps().length;
    await save('Fifth. ');
    const warning = workbench.notification(
      /There are no files left to back up, although there were before: .*documents/,
    );
    await warning.waitFor(RUN);
    const status = workbench.status(/^PHLB\. There are no files left to back up/);
    await status.waitFor();
    await status.locator('.codicon-warning').waitFor();
    await workbench.screenshot('emptied-auto-backup');
    await workbench.clearNotifications();
    assert.equal(stamps().length, before + 1);
    await save('Sixth. ');
    await workbench.page.waitForTimeout(NO_RUN_MS);
    assert.equal(await warning.count(), 0, 'it was told');
    await workbench.reload();
    await status.waitFor();
    rmSync(settingsFile);
    await taken(await save('Seventh. '));
    await workbench.status(/^PHLB\. Last backup: [^.]*\. Auto-backup is on$/).waitFor(RUN);
  });

  it('tells in time that a program has wrecked many files, shows them and takes it back in a few clicks', async () => {
    const source = join(documents, 'src');
    const names = Array.from({ length: 40 }, (_, n) => `comp${n}.ts`);
    const git = (...args: string[]): string =>
      execFileSync('git', ['-C', documents, '-c', 'user.name=A', '-c', 'user.email=a@example.org', ...args], {
        encoding: 'utf8',
      });
    mkdirSync(join(documents, '.vscode'), { recursive: true });
    writeFileSync(join(documents, '.vscode', 'settings.json'), JSON.stringify({ 'phlb.autoBackup.mode': 'onChange' }));
    writeFileSync(join(documents, '.gitignore'), 'dist\n');
    git('init', '-q');
    for (const folder of ['src', 'dist']) {
      mkdirSync(join(documents, folder));
      for (const name of names) writeFileSync(join(documents, folder, name), `export const name = '${name}';\n`);
    }
    git('add', '-A');
    git('commit', '-q', '-m', 'all components');
    const log = git('log', '--format=%H');
    await workbench.clearNotifications();
    // What is new is no loss, and backed up by itself, though nobody has saved it.
    await snapshotWith(() => existsSync(newest('src/comp39.ts')) && existsSync(newest('.git/refs/heads')));
    // Nor is what git itself does.
    git('rm', '-q', '-r', 'src');
    git('commit', '-q', '-m', 'no components');
    await snapshotWith(() => existsSync(newest('report.md')) && !existsSync(newest('src')));
    git('reset', '-q', '--hard', 'HEAD~1');
    await snapshotWith(() => existsSync(newest('src/comp39.ts')));
    assert.equal(await workbench.notification(/by another program/).count(), 0);

    const script = `
      for (const name of fs.readdirSync('dist')) fs.writeFileSync('dist/' + name, 'built anew');
      for (const name of fs.readdirSync('src').slice(0, 20)) fs.writeFileSync('src/' + name, 'undefined');
      for (const name of fs.readdirSync('src').slice(20, 30)) fs.unlinkSync('src/' + name);
    `;
    assert.equal(spawnSync(process.execPath, ['-e', script], { cwd: documents }).status, 0);
    const told = workbench.notification(
      /30 files in documents were changed or deleted by another program within \d seconds?\. The snapshot from before that \(Today \d\d:\d\d\) has them as they were\./,
    );
    await told.waitFor(RUN);
    await workbench.screenshot('mass-changes-auto-backup');
    // By now the wreck is backed up as well.
    const wrecked = (): boolean => names.filter(name => existsSync(newest(`src/${name}`))).length === 30;
    await snapshotWith(wrecked);

    await workbench.answerNotification(told, 'Review');
    await workbench.tab(/^documents: Today \d\d:\d\d ↔ Now/).waitFor();
    const offer = workbench.notification(/Restore the files as they were before \(Today \d\d:\d\d\)\?/);
    await offer.waitFor();
    await workbench.screenshot('mass-changes-review');
    await workbench.answerNotification(offer, 'Restore…');
    await workbench.dialog.getByText(/^Restore documents \(Today \d\d:\d\d\)\?$/).waitFor();
    await workbench.page.locator('.multiDiffEntry').filter({ hasText: 'comp0.ts' }).first().waitFor();
    await workbench.screenshot('mass-changes-restore');
    await workbench.answerDialog('Restore');
    await workbench.notification(/Restored documents/).waitFor(RUN);
    assert.deepEqual(
      names.filter(name => readFileSync(join(source, name), 'utf8') !== `export const name = '${name}';\n`),
      [],
    );
    assert.equal(git('log', '--format=%H'), log);
    assert.equal(git('status', '--porcelain', 'src'), '');
    // What PHLB has done is no news.
    await snapshotWith(() => names.every(name => existsSync(newest(`src/${name}`))));
    assert.equal(await workbench.notification(/by another program/).count(), 0);
  });

  /** The path of a file in the newest snapshot. */
  function newest(path: string): string {
    return join(backups, 'documents', stamps().at(-1) ?? '', path);
  }

  async function snapshotWith(isThere: () => boolean): Promise<void> {
    const end = Date.now() + RUN.timeout;
    while (!isThere()) {
      assert.ok(Date.now() < end, 'no such snapshot');
      await workbench.page.waitForTimeout(200);
    }
  }

  async function save(words: string): Promise<string> {
    await workbench.openFile('report.md');
    await workbench.page.keyboard.press('Control+Home');
    await workbench.page.keyboard.type(words);
    await workbench.page.keyboard.press('Control+s');
    const report = join(documents, 'report.md');
    while (!readFileSync(report, 'utf8').startsWith(words)) await workbench.page.waitForTimeout(100);
    return readFileSync(report, 'utf8');
  }

  async function taken(text: string): Promise<void> {
    const end = Date.now() + RUN.timeout;
    for (;;) {
      const report = join(backups, 'documents', stamps().at(-1) ?? '', 'report.md');
      if (existsSync(report) && readFileSync(report, 'utf8') === text) return;
      assert.ok(Date.now() < end, `no snapshot of ${JSON.stringify(text)}`);
      await workbench.page.waitForTimeout(200);
    }
  }

  function stamps(): string[] {
    return readdirSync(join(backups, 'documents')).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  }
});
