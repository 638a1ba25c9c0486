import * as assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { Command, type BackupReply } from '../../../src/contributions.js';
import {
  backUp,
  backupRoot,
  callApi,
  closeEditors,
  save,
  scratchFolder,
  waitFor,
  workspaceFolder,
} from '../workspace.js';

/** A run is due so long after a save, and after the last run. */
const INTERVAL_MINUTES = 0.02;
/** Three times as long, and there has been none. */
const NO_RUN_MS = 3600;
/** Longer than a change and what is read of an interval that short take to start a run, and shorter than one without a reason. */
const NO_RUN_ON_CHANGE_MS = 14_000;
const BY_WATCHER_MS = 25_000;
const RUN_MS = 40_000;
const RULES = ['keepLast', 'keepHourly', 'keepDaily', 'keepWeekly', 'keepMonthly', 'keepYearly'];

describe('Auto-backup', () => {
  // What other tests have left is not counted here.
  before(() => rmSync(join(backupRoot(), 'documents'), { recursive: true, force: true }));
  beforeEach(async () => {
    await backUp();
    await set('autoBackup.intervalMinutes', INTERVAL_MINUTES);
    await set('autoBackup.mode', 'onSave');
    // Answers the question for consent.
    assert.equal(await callApi<boolean>(Command.turnOnAutoBackup), true);
  });
  afterEach(async () => {
    await vscode.commands.executeCommand(Command.resumeAutoBackup);
    await set('autoBackup.mode', undefined);
    await set('autoBackup.intervalMinutes', undefined);
    for (const rule of RULES) await setMachine(`retention.${rule}`, undefined);
    await setMachine('backup.folders', undefined);
    rmSync(join(workspaceFolder(), '.vscode'), { recursive: true, force: true });
    await closeEditors();
  });

  it('takes what was saved, else a user who forgets to back up loses a day', async () => {
    const text = await saveReport();
    await waitFor('the snapshot', () => newest() === text, RUN_MS);
  });

  it('does nothing while it is paused, and catches up afterwards', async () => {
    await vscode.commands.executeCommand(Command.pauseAutoBackup);
    const text = await saveReport();
    await sleep(NO_RUN_MS);
    assert.notEqual(newest(), text);
    await vscode.commands.executeCommand(Command.resumeAutoBackup);
    await waitFor('the snapshot', () => newest() === text, RUN_MS);
  });

  it('is not turned on by the end of a pause, else data go where nobody has agreed to', async () => {
    const other = scratchFolder();
    try {
      const root = join(other.path, 'backups');
      await callApi(Command.changeLocation, vscode.Uri.file(root));
      await vscode.commands.executeCommand(Command.pauseAutoBackup);
      await vscode.commands.executeCommand(Command.resumeAutoBackup);
      const text = await saveReport();
      await sleep(NO_RUN_MS);
      assert.equal(existsSync(root), false);
      await vscode.commands.executeCommand(Command.pauseAutoBackup);
      assert.equal(await callApi<boolean>(Command.turnOnAutoBackup), true);
      await waitFor('the snapshot', () => newest(root) === text, RUN_MS);
    } finally {
      await callApi(Command.changeLocation, vscode.Uri.file(backupRoot()));
      await setMachine('backup.location', undefined);
      other.remove();
    }
  });

  it('takes at intervals what a terminal or an agent has written, and nothing when nothing has changed', async () => {
    await set('autoBackup.mode', 'interval');
    const text = `written by another program at ${Date.now()}\n`;
    writeFileSync(join(workspaceFolder(), 'report.md'), text);
    await waitFor('the snapshot', () => newest() === text, RUN_MS);
    const before = stamps().at(-1);
    await sleep(NO_RUN_MS);
    assert.equal(stamps().at(-1), before);
  });

  it('takes what another program has changed soon, without any save', async () => {
    await set('autoBackup.mode', 'onChange');
    // The first one may be taken by the run that looks for what has changed before, the second one is told by the watcher only.
    for (const text of ['by a program\n', 'by a program, again\n']) {
      const report = join(workspaceFolder(), 'report.md');
      const wrote = spawnSync(process.execPath, [
        '-e',
        `fs.writeFileSync(${JSON.stringify(report)}, ${JSON.stringify(text)})`,
      ]);
      assert.equal(wrote.status, 0, String(wrote.stderr));
      await waitFor('the snapshot', () => newest() === text, BY_WATCHER_MS);
    }
  });

  it('does nothing for what is left out, nor for what a run writes, else it never comes to rest', async () => {
    const root = join(workspaceFolder(), 'backups');
    const scrubbed = join(root, '.phlb', 'scrub.json');
    const write = (path: string, text: string): void => {
      mkdirSync(dirname(join(workspaceFolder(), path)), { recursive: true });
      writeFileSync(join(workspaceFolder(), path), text);
    };
    try {
      await callApi(Command.changeLocation, vscode.Uri.file(root));
      await set('autoBackup.mode', 'onChange');
      assert.equal(await callApi<boolean>(Command.turnOnAutoBackup), true);
      write('.phlbignore', 'ignored.txt\n');
      for (const text of ['first\n', 'second\n']) {
        write('report.md', text);
        await waitFor('the snapshot', () => newest(root) === text, RUN_MS);
        // It is the last thing that a run writes.
        await waitFor('the scrub', () => existsSync(scrubbed));
        rmSync(scrubbed);
      }
      write('ignored.txt', 'ignored\n');
      write('node_modules/dependency/index.js', 'installed\n');
      await sleep(NO_RUN_ON_CHANGE_MS);
      assert.equal(existsSync(scrubbed), false, 'there was a run');
      write('report.md', 'third\n');
      await waitFor('the snapshot', () => newest(root) === 'third\n', BY_WATCHER_MS);
    } finally {
      await set('autoBackup.mode', 'off');
      await callApi(Command.changeLocation, vscode.Uri.file(backupRoot()));
      await setMachine('backup.location', undefined);
      for (const name of ['backups', '.phlbignore', 'ignored.txt', 'node_modules']) {
        rmSync(join(workspaceFolder(), name), { recursive: true, force: true });
      }
    }
  });

  it('waits for a location that is away, makes no new one, and takes the change when it is back', async () => {
    const away = `${backupRoot()}.unplugged`;
    renameSync(backupRoot(), away);
    try {
      const text = await saveReport();
      await sleep(NO_RUN_MS);
      assert.equal(existsSync(backupRoot()), false);
      renameSync(away, backupRoot());
      await waitFor('the snapshot', () => newest() === text, RUN_MS);
    } finally {
      if (existsSync(away)) renameSync(away, backupRoot());
    }
  });

  it('cleans up by the rules afterwards, in its own source only, and looks for damage', async () => {
    const other = scratchFolder();
    try {
      const uri = vscode.Uri.file(other.path);
      for (let n = 0; n < 2; n++) await vscode.commands.executeCommand<BackupReply>(Command.backupFolder, uri);
      const scrubbed = join(backupRoot(), '.phlb', 'scrub.json');
      rmSync(scrubbed, { force: true });
      for (const rule of RULES) await setMachine(`retention.${rule}`, rule === 'keepLast' ? 1 : 0);
      const text = await saveReport();
      await waitFor('the clean-up', () => newest() === text && stamps().length === 1, RUN_MS);
      await waitFor('the scrub', () => existsSync(scrubbed));
      assert.equal(stamps(basename(other.path)).length, 2);
    } finally {
      other.remove();
    }
  });

  it('deletes nothing when all rules are 0, else "off" means "all gone"', async () => {
    for (const rule of RULES) await setMachine(`retention.${rule}`, 0);
    const before = stamps();
    const scrubbed = join(backupRoot(), '.phlb', 'scrub.json');
    rmSync(scrubbed, { force: true });
    const text = await saveReport();
    await waitFor('the snapshot', () => newest() === text, RUN_MS);
    // The scrub comes after the clean-up.
    await waitFor('the scrub', () => existsSync(scrubbed));
    assert.deepEqual(stamps().slice(0, -1), before);
  });

  it('takes every folder although one fails, and tries that one again', async () => {
    const other = scratchFolder();
    try {
      const [photos, missing] = [join(other.path, 'photos'), join(other.path, 'missing')];
      mkdirSync(photos);
      await setMachine('backup.folders', [missing, photos]);
      const text = await saveReport();
      await waitFor('the two snapshots', () => newest() === text && stamps('photos').length === 1, RUN_MS);
      assert.equal(stamps('missing').length, 0);
      mkdirSync(missing);
      await waitFor('the third', () => stamps('missing').length === 1, RUN_MS);
    } finally {
      other.remove();
    }
  });

  it('waits while the disk is nearly full, and goes on by itself when there is room', async function () {
    const other = scratchFolder();
    const disk = join(other.path, 'disk');
    mkdirSync(disk);
    if (process.getuid?.() !== 0 || spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'phlb', disk]).status !== 0) {
      console.log('!!! SKIPPED: a nearly full disk needs root and mount');
      other.remove();
      return this.skip();
    }
    try {
      const root = join(disk, 'backups');
      await callApi(Command.changeLocation, vscode.Uri.file(root));
      await callApi(Command.turnOnAutoBackup);
      writeFileSync(join(disk, 'filler'), Buffer.alloc(8 * 1024 * 1024 - 300_000));
      const text = await saveReport();
      await sleep(NO_RUN_MS);
      assert.equal(existsSync(root), false);
      // By hand it is the user's own choice.
      await backUp();
      assert.equal(newest(root), text);
      const later = await saveReport();
      await sleep(NO_RUN_MS);
      assert.equal(newest(root), text);
      rmSync(join(disk, 'filler'));
      await waitFor('the snapshot', () => newest(root) === later, RUN_MS);
    } finally {
      await callApi(Command.changeLocation, vscode.Uri.file(backupRoot()));
      await setMachine('backup.location', undefined);
      spawnSync('umount', ['-l', disk]);
      other.remove();
    }
  });
});

let saves = 0;

async function saveReport(): Promise<string> {
  const text = `saved ${++saves} at ${Date.now()}\n`;
  const document = await vscode.workspace.openTextDocument(join(workspaceFolder(), 'report.md'));
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, new vscode.Range(0, 0, document.lineCount, 0), text);
  assert.ok(await vscode.workspace.applyEdit(edit));
  await save(document);
  return text;
}

function set(key: string, value: unknown): Thenable<void> {
  return vscode.workspace.getConfiguration('phlb').update(key, value, vscode.ConfigurationTarget.Workspace);
}

function setMachine(key: string, value: unknown): Thenable<void> {
  return vscode.workspace.getConfiguration('phlb').update(key, value, vscode.ConfigurationTarget.Global);
}

/** The report in the newest snapshot. */
function newest(root = backupRoot()): string | undefined {
  const stamp = stamps('documents', root).at(-1);
  if (stamp === undefined) return undefined;
  const report = join(root, 'documents', stamp, 'report.md');
  return existsSync(report) ? readFileSync(report, 'utf8') : undefined;
}

/** A source's snapshots, oldest first. */
function stamps(name = 'documents', root = backupRoot()): string[] {
  const folder = join(root, name);
  return existsSync(folder) ? readdirSync(folder).sort(byNumber) : [];
}

function byNumber(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}
