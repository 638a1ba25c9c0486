import * as assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Workbench } from './workbench.js';

describe('A first backup in the editor', () => {
  let scratch: string;
  let documents: string;
  let workbench: Workbench;

  before(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'phlb-story-'));
    documents = join(scratch, 'documents');
    mkdirSync(documents);
    writeFileSync(join(documents, 'report.md'), '# Report\n\nFirst version.\n');
    workbench = await Workbench.launch(documents);
  });

  after(async () => {
    await workbench?.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed')
      await workbench.screenshot(`failed ${this.currentTest.title.slice(0, 60)}`);
  });

  it('keeps a copy of the workspace as plain files, else there is nothing to go back to', async () => {
    await workbench.runCommand('PHLB: Backup Workspace');
    await workbench.openContainer('PHLB');
    await workbench.treeItem(/^documents\b/).waitFor();
    const folder = join(workbench.home, 'PyHardLinkBackups', 'documents');
    const [snapshot] = readdirSync(folder);
    assert.ok(snapshot, `no snapshot in ${folder}`);
    assert.equal(readFileSync(join(folder, snapshot, 'report.md'), 'utf8'), '# Report\n\nFirst version.\n');
  });

  it('shows the past file read-only, else history could be edited by mistake', async () => {
    await workbench.expand(/^documents\b/);
    await workbench.expand(/^Today\b/);
    await workbench.expand(/^\d\d:\d\d/);
    await workbench.screenshot('snapshots');
    await workbench.treeItem(/^report\.md\b/).click();
    await workbench.tab(/report\.md/).waitFor();
    await workbench.showsText('First version.');
    await workbench.page.locator('.editor-group-container.active .view-lines').first().click();
    await workbench.page.keyboard.type('overwritten');
    await workbench.page.waitForTimeout(500);
    assert.equal(await workbench.page.getByText('overwritten').count(), 0);
    await workbench.screenshot('snapshot-file');
  });

  it('shows what changed since, else a user restores blindly', async () => {
    writeFileSync(join(documents, 'report.md'), '# Report\n\nSecond version.\n');
    await workbench.contextMenu(/^report\.md\b/, 'Compare with Current File');
    await workbench.tab(/↔/).waitFor();
    await workbench.showsText('First version.', 'original');
    await workbench.showsText('Second version.', 'modified');
    await workbench.screenshot('compare');
  });
});
