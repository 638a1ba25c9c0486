import * as assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Workbench } from './workbench.js';

const titles = JSON.parse(readFileSync('package.nls.json', 'utf8')) as Record<string, string>;
const title = (name: string): string => titles[`command.${name}.title`] ?? name;
const commands = (names: string[]): string[] => names.map(name => `PHLB: ${title(name)}`).toSorted();

describe('The palette', () => {
  let workbench: Workbench;

  before(async () => {
    workbench = await Workbench.launch(async home => makeDocuments(home));
    await workbench.status(/^PHLB/).waitFor();
    // Asks for trust, which the editor knows last of all.
    await workbench.isOffered(`PHLB: ${title('setUpAgents')}`);
  });
  after(() => workbench?.close());

  it('offers what can be done without a node, and nothing else, else a command can only fail', async () => {
    assert.deepEqual(
      (await workbench.paletteEntries('PHLB: ')).filter(entry => !entry.startsWith('PHLB: Focus on')),
      commands([
        ...['backupWorkspace', 'backupFolder', 'backupNamed', 'restoreDeleted', 'undoRestore', 'undoTurn', 'findFile'],
        ...['searchText', 'setUpAgents', 'prune'],
        ...['verify', 'rebuildIndex', 'showStorage', 'changeLocation', 'turnOnAutoBackup', 'showLog', 'refresh'],
        ...['offsitePush', 'offsiteRecover'],
      ]),
    );
  });

  it('offers to compare the open file', async () => {
    await workbench.openFile('report.md');
    const entries = await workbench.paletteEntries('PHLB: ');
    for (const name of ['compareFileWithSnapshot', 'showVersions']) assert.ok(entries.includes(`PHLB: ${title(name)}`));
    assert.ok(!entries.includes(`PHLB: ${title('previousVersion')}`));
  });
});

describe('The menu of', () => {
  let workbench: Workbench;

  before(async () => {
    workbench = await Workbench.launch(async (home, env) => {
      const folder = makeDocuments(home);
      const phlb = (...args: string[]): void =>
        void execFileSync(process.execPath, ['dist/cli.js', ...args, '--quiet'], { env });
      phlb('backup', folder);
      writeFileSync(join(folder, 'report.md'), '# Report\n\nMore.\n');
      phlb('backup', folder);
      phlb('pin', 'documents/latest');
      return folder;
    });
    await workbench.openContainer('PHLB');
  });
  after(() => workbench?.close());
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.failed(this.currentTest.title);
  });

  it('a source', async () => {
    await assertMenu(/^documents, /, ['backupSource', 'revealInOS', 'copyPath', 'forgetSource']);
  });

  it('a snapshot, which can be pinned and deleted', async () => {
    await workbench.expand(/^Today/);
    await assertMenu(/^\d\d:\d\d, 2 files/, [
      ...[
        'restore',
        'restoreTo',
        'showSnapshotChanges',
        'showChanges',
        'revealInOS',
        'copyPath',
        'label',
        'pin',
        'verify',
        'deleteSnapshot',
      ],
    ]);
  });

  it('a pinned snapshot, which cannot be deleted', async () => {
    await assertMenu(/pinned/, [
      ...[
        'restore',
        'restoreTo',
        'showSnapshotChanges',
        'showChanges',
        'revealInOS',
        'copyPath',
        'label',
        'unpin',
        'verify',
      ],
    ]);
  });

  it('a folder and a file', async () => {
    await workbench.expand(/pinned/);
    await assertMenu(/^letters, folder/, ['restore', 'restoreTo', 'showChanges', 'revealInOS', 'copyPath']);
    await assertMenu(/^report\.md/, [
      ...[
        'restore',
        'restoreTo',
        'compareWithCurrent',
        'compareWithPrevious',
        'showVersions',
        'openFile',
        'revealInOS',
        'copyPath',
      ],
    ]);
  });

  async function assertMenu(label: RegExp, names: string[]): Promise<void> {
    assert.deepEqual(await workbench.menuEntries(label), names.map(title));
  }
});

function makeDocuments(home: string): string {
  const folder = join(home, 'documents');
  mkdirSync(join(folder, 'letters'), { recursive: true });
  writeFileSync(join(folder, 'letters', 'brief.txt'), 'Dear reader\n');
  writeFileSync(join(folder, 'report.md'), '# Report\n');
  return folder;
}
