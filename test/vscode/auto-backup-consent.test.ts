import * as assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { consentDetail, consentText, keptText, type ConsentFacts } from '../../src/host/auto-backup/consent-text.js';
import { DateFormat } from '../../src/host/editor/dates.js';
import { measureFolders } from '../../src/host/backup/measure-folders.js';
import { EngineClient } from '../../src/worker/client.js';
import { scratchFolder } from './workspace.js';

describe('The question whether backups may run by themselves', () => {
  const dates = new DateFormat('en', () => 'en-US');
  const none = { keepLast: 0, keepHourly: 0, keepDaily: 0, keepWeekly: 0, keepMonthly: 0, keepYearly: 0 };
  const facts: ConsentFacts = {
    mode: 'onSave',
    root: join(homedir(), 'PyHardLinkBackups'),
    size: { files: 1200, bytes: 3_400_000, more: false },
    retention: { ...none, keepLast: 6, keepHourly: 12 },
    noProject: false,
    sameDisk: false,
    goesWithContainer: false,
  };
  const text = (part: Partial<ConsentFacts> = {}): string => consentText({ ...facts, ...part }, dates).join(' ');
  const more = (part: Partial<ConsentFacts> = {}): string => consentDetail({ ...facts, ...part }, dates).join(' ');

  it('says in two sentences what runs, where to and how much, else nobody knows what they agree to', () => {
    assert.equal(
      text(),
      'Back up this workspace automatically when files are saved, and others that you open? ' +
        'This one has 1,200 files (3.4 MB); its snapshots go to ~/PyHardLinkBackups.',
    );
    assert.match(text({ mode: 'interval' }), /^Back up this workspace automatically at intervals, /);
    assert.match(text({ noProject: true }), /your home folder or a whole drive, with 1,200 files \(3\.4 MB\); its/);
  });

  it('says behind "More…" how long it is kept, and for whom a yes is', () => {
    assert.match(
      more(),
      /^A backup copies only what is not in an earlier one\. Snapshots that are kept: the 6 newest, then hourly for 12 hours\. “Turn On” is for every workspace/,
    );
  });

  it('says what was not counted to the end', () => {
    assert.match(
      text({ size: { files: 200_001, bytes: 1e9, more: true } }),
      /This one has more than 200,001 files \(1 GB\);/,
    );
    assert.match(text({ size: { files: 0, bytes: 0, more: true } }), /This one has an unknown number of files;/);
  });

  it('says that both are on one disk, or in one container', () => {
    assert.match(more({ sameDisk: true }), /on the same disk as your work/);
    const container = more({ sameDisk: true, goesWithContainer: true });
    assert.match(container, /are lost when it is removed or rebuilt\./);
    assert.doesNotMatch(container, /on the same disk/);
  });

  it('names the rules in words', () => {
    const rules = { keepLast: 1, keepHourly: 1, keepDaily: 7, keepWeekly: 4, keepMonthly: 6, keepYearly: 2 };
    assert.equal(
      keptText(rules, dates),
      'Snapshots that are kept: the newest, then hourly for 1 hour, daily for 7 days, weekly for 4 weeks, ' +
        'monthly for 6 months, yearly for 2 years.',
    );
    assert.equal(keptText({ ...none, keepDaily: 7 }, dates), 'Snapshots that are kept: daily for 7 days.');
    assert.equal(keptText(none, dates), 'Snapshots are kept until you delete them.');
  });
});

describe('The size of the folders, before anybody has agreed', () => {
  const scratch = scratchFolder();
  const log = vscode.window.createOutputChannel('PHLB test', { log: true });
  const extension = vscode.extensions.getExtension('phlb.phlb');
  const engine = new EngineClient(join(extension?.extensionPath ?? '', 'dist', 'worker.js'));
  const limits = { files: 1000, bytes: 1e9, milliseconds: 30_000 };
  const request = (name: string): Parameters<typeof measureFolders>[1][number] => {
    const folder = (part: string): string => join(scratch.path, part);
    return {
      location: { root: folder('backups'), index: folder('index'), state: folder('state') },
      source: folder(name),
    };
  };

  before(() => {
    for (const name of ['one', 'two']) {
      mkdirSync(join(scratch.path, name));
      for (let n = 0; n < 3; n++) writeFileSync(join(scratch.path, name, `${n}.txt`), 'text');
    }
  });
  after(async () => {
    await engine.dispose();
    log.dispose();
    scratch.remove();
  });

  it('is that of all, one that cannot be read left out, else that one keeps the others from being backed up', async () => {
    const requests = ['one', 'missing', 'two'].map(request);
    assert.deepEqual(await measureFolders(engine, requests, limits, log), { files: 6, bytes: 24, more: false });
  });

  it('is given up after a while, else a huge folder keeps the disk busy for nothing', async () => {
    const many = Array.from({ length: 100 }, () => request('one'));
    const size = await measureFolders(engine, many, { ...limits, milliseconds: 0 }, log);
    assert.equal(size.more, true);
    assert.ok(size.files < 300, `${size.files} were counted all the same`);
  });
});
