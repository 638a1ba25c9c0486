import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as SampleModule from '../../scripts/start/sample.mjs';
import { script } from './editors.js';
import type { Clip } from './shoot.js';
import { Workbench } from './workbench.js';

const themes = { dark: 'Default Dark Modern', light: 'Default Light Modern' };
/** What the walkthrough shows is a part of the window, which stays readable when it is made smaller. */
const top: Clip = { x: 200, y: 0, width: 860, height: 560 };
const corner: Clip = { x: 420, y: 160, width: 860, height: 560 };
const middle: Clip = { x: 200, y: 80, width: 860, height: 560 };

/** What README and walkthrough show; `npm run pictures` keeps the pictures. Each is to be seen, so each is a test. */
for (const [theme, colorTheme] of Object.entries(themes)) {
  describe(`The pictures, ${theme}`, () => {
    let workbench: Workbench;

    before(async () => {
      const { makeSample } = await script<typeof SampleModule>('start/sample.mjs');
      workbench = await Workbench.launch(
        async (home, env) => {
          const folder = join(home, 'documents');
          makePhotos(join(folder, 'photos'));
          await makeSample({ folder, backupRoot: join(home, 'PyHardLinkBackups'), env });
          return folder;
        },
        { settings: { 'workbench.colorTheme': colorTheme } },
      );
      await workbench.openFile('report.md');
      await workbench.openContainer('PHLB');
      await workbench.setSidebarWidth(400);
      await workbench.setPaneHeight('File Versions', 190);
    });

    after(() => workbench?.close());

    afterEach(async function () {
      if (this.currentTest?.state === 'failed') await workbench.failed(`${theme} ${this.currentTest.title}`);
    });

    it('where the location is changed', async () => {
      await workbench.runCommand('PHLB: Change Backup Location…');
      await workbench.quickPick(/documents/).waitFor();
      await workbench.showHomeAs('/home/anna');
      await workbench.picture(`walkthrough/location-${theme}`, top);
      await workbench.page.keyboard.press('Escape');
    });

    it('a backup', async () => {
      await workbench.runCommand('PHLB: Backup Workspace');
      await workbench.notification(/Backed up documents/).waitFor();
      await workbench.expand(/^Today/);
      await workbench.picture(`walkthrough/backup-${theme}`);
      await workbench.clearNotifications();
    });

    it('the question whether backups may run by themselves', async () => {
      await workbench.runCommand('PHLB: Turn On Auto-Backup…');
      await workbench.notification(/Back up this workspace automatically/).waitFor();
      await workbench.picture(`walkthrough/auto-backup-${theme}`, corner);
      await workbench.clearNotifications();
    });

    it('the past, with letters for what had changed', async () => {
      await workbench.expand(/^Yesterday, /);
      await workbench.expand(/^17:45, 3 changed/);
      await workbench.treeItem(/^summary\.py/).click();
      await workbench.showsText('Income minus expenses');
      await workbench.treeItem(/^summary\.py.*[Mm]odified/).waitFor();
      await workbench.picture(`screenshots/overview-${theme}`);
    });

    it('a comparison', async () => {
      await workbench.contextMenu(/^report\.md.*/, 'Compare with Current File');
      await workbench.showsText('every month but one', 'modified');
      await workbench.picture(`screenshots/diff-${theme}`);
      await workbench.picture(`walkthrough/compare-${theme}`, { x: 0, y: 0, width: 1280, height: 560 });
    });

    it('the question before a restore', async () => {
      await workbench.contextMenu(/^report\.md.*/, 'Restore…');
      await workbench.dialog.getByText(/will be overwritten\. A safety snapshot/).waitFor();
      await workbench.picture(`screenshots/restore-${theme}`);
      await workbench.picture(`walkthrough/restore-${theme}`, middle);
      await workbench.answerDialog('Cancel');
    });

    it('what all of it takes', async () => {
      await workbench.runCommand('View: Close All Editors');
      await workbench.runCommand('PHLB: Show Storage Usage');
      await workbench
        .webview()
        .getByRole('heading', { name: /documents/ })
        .first()
        .waitFor();
      await workbench.picture(`screenshots/storage-${theme}`);
    });
  });
}

// Something that takes room, as real folders have.
function makePhotos(folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of ['garden', 'meeting', 'party', 'river']) {
    writeFileSync(join(folder, `${name}.jpg`), randomBytes(3_000_000));
  }
}
