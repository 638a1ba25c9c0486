import * as assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Workbench } from './workbench.js';

const FILES = 1000;

describe('Two windows on one backup location', () => {
  let first: Workbench;
  let backups: string;

  before(async () => {
    first = await Workbench.launch(async home => {
      for (const name of ['documents', 'photos']) makeFolder(join(home, name));
      return join(home, 'documents');
    });
    backups = join(first.home, 'PyHardLinkBackups');
  });

  after(() => first?.close());

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await first.failed(this.currentTest.title);
  });

  it('with one folder take turns: each has its snapshot, both whole', async () => {
    const second = await first.openWindow(join(first.home, 'documents'));
    await backUpAtOnce([first, 'documents'], [second, 'documents']);
    assert.equal(whole('documents'), 2);
    for (const window of [first, second]) await showsSnapshots(window, { documents: 2 });
    await second.page.close();
  });

  it('with two folders take turns: each has its snapshot, both whole, and both windows show them', async () => {
    const second = await first.openWindow(join(first.home, 'photos'));
    await backUpAtOnce([first, 'documents'], [second, 'photos']);
    assert.equal(whole('documents'), 3);
    assert.equal(whole('photos'), 1);
    for (const window of [first, second]) await showsSnapshots(window, { documents: 3, photos: 1 });
  });

  async function backUpAtOnce(...windows: [Workbench, string][]): Promise<void> {
    await Promise.all(windows.map(([window]) => window.runCommand('PHLB: Backup Workspace')));
    await Promise.all(
      windows.map(([window, name]) => window.notification(new RegExp(`Backed up ${name}: 1,000 files`)).waitFor()),
    );
    for (const [window] of windows) await window.clearNotifications();
  }

  /** How many snapshots a source has, each of which is the source. */
  function whole(name: string): number {
    const stamps = readdirSync(join(backups, name));
    for (const stamp of stamps) {
      const { status, stdout } = spawnSync(
        'diff',
        ['-r', '--no-dereference', join(first.home, name), join(backups, name, stamp)],
        { encoding: 'utf8' },
      );
      assert.equal(status, 0, stdout);
    }
    return stamps.length;
  }
});

async function showsSnapshots(window: Workbench, counts: Record<string, number>): Promise<void> {
  await window.openContainer('PHLB');
  await window.runCommand('PHLB: Refresh');
  const parent = Object.keys(counts).length > 1 ? /^Other Folders/ : undefined;
  for (const [name, count] of Object.entries(counts)) {
    await window.expand(new RegExp(`^${name}, `), parent);
    const label = new RegExp(`^${name}, .*\\b${count} snapshot`);
    await window.treeItem(label).waitFor();
  }
}

function makeFolder(folder: string): void {
  for (let n = 0; n < FILES; n++) {
    const part = join(folder, `part ${n % 20}`);
    mkdirSync(part, { recursive: true });
    writeFileSync(join(part, `${n}.txt`), `${folder} ${n}\n`);
  }
}
