import * as assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type * as VsixModule from '../../scripts/package/vsix.mjs';
import { script } from './editors.js';
import { makeReport } from './history.js';
import { Workbench } from './workbench.js';

const NEEDED = [
  ...[
    'extension.js',
    'worker.js',
    'engine.js',
    'pool.js',
    'cli.js',
    'sql-wasm.wasm',
    'page/storage.js',
    'page/storage.css',
    'THIRD_PARTY_NOTICES.txt',
  ].map(n => `dist/${n}`),
  ...['media/icon.png', 'media/activity-bar.svg', 'package.nls.de.json', 'l10n/bundle.l10n.de.json'],
];

describe('The package', () => {
  let workbench: Workbench;

  before(async () => (workbench = await Workbench.launch(makeReport, { packed: true })));
  after(() => workbench?.close());

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench?.failed(this.currentTest.title);
  });

  it('is small and holds what is needed and nothing else, else each update costs users for nothing', async () => {
    const { extensionsDir, vsix } = workbench.installed;
    const { vsixLimitBytes } = await script<typeof VsixModule>('package/vsix.mjs');
    const { size } = statSync(vsix);
    assert.ok(size <= vsixLimitBytes, `${size} bytes`);
    const [folder = ''] = readdirSync(extensionsDir).filter(name => name.startsWith('phlb.phlb-'));
    const files = filesBelow(join(extensionsDir, folder));
    for (const name of NEEDED) assert.ok(files.includes(name), `${name} is missing`);
    const unwanted = files.filter(name => /\.(ts|map)$|(^|\/)(src|test|bench|node_modules|scripts)\//.test(name));
    assert.deepEqual(unwanted, []);
  });

  it('can be installed and takes a snapshot, else the extension is worth nothing', async () => {
    await workbench.runCommand('PHLB: Backup Workspace');
    await workbench.notification(/Backed up documents: 1 file/).waitFor();
    const backups = join(workbench.home, 'PyHardLinkBackups', 'documents');
    const [stamp] = readdirSync(backups);
    assert.equal(readFileSync(join(backups, stamp ?? '', 'report.md'), 'utf8'), '# Report\n');
    await workbench.clearNotifications();
  });

  it('shows a README without holes, else nobody sees what it is good for', async () => {
    await workbench.runCommand('Extensions: Show Installed Extensions');
    await workbench.page.locator('.sidebar .extension-list-item').filter({ hasText: 'PHLB' }).first().click();
    const readme = workbench.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
    await readme.getByRole('heading', { name: 'What PHLB promises' }).waitFor({ state: 'attached' });
    await workbench.screenshot('extension-page');
    const broken = await readme
      .locator('img')
      .evaluateAll(images => images.filter(image => (image as { naturalWidth?: number }).naturalWidth === 0).length);
    assert.equal(broken, 0);
    // A link to a file that is not there opens nothing.
    assert.equal(await readme.locator('a:not([href^="http"]):not([href^="#"])').count(), 0);
    await workbench.page
      .getByRole('tab', { name: 'Features' })
      .or(workbench.page.getByText('Features', { exact: true }))
      .first()
      .click();
    await workbench.screenshot('extension-features');
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(folder, join(entry.parentPath, entry.name)));
}
