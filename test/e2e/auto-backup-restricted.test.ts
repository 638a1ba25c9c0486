import * as assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { makeReport } from './history.js';
import { NO_RUN_MS, OFTEN, RUN } from './often.js';
import { Workbench } from './workbench.js';

describe('Auto-backup in restricted mode', () => {
  let workbench: Workbench;

  before(async () => (workbench = await Workbench.launch(makeReport, { settings: OFTEN, trust: false })));
  after(() => workbench?.close());

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.failed(this.currentTest.title);
  });

  it('waits until the user trusts the folder, and then remembers what was saved', async () => {
    await workbench.page
      .getByRole('button', { name: 'No, I don' })
      .or(workbench.status(/Restricted/))
      .first()
      .waitFor();
    const dialog = workbench.page.getByRole('button', { name: 'No, I don' });
    if (await dialog.isVisible()) await dialog.click();
    await workbench.openFile('report.md');
    await workbench.page.keyboard.type('More. ');
    await workbench.page.keyboard.press('Control+s');
    await workbench.page.waitForTimeout(NO_RUN_MS);
    const question = workbench.notification(/Back up this workspace automatically/);
    assert.equal(await question.count(), 0);
    await workbench.runCommand('Workspaces: Manage Workspace Trust');
    await workbench.page
      .getByRole('button', { name: /^Trust/ })
      .first()
      .click();
    await question.waitFor(RUN);
    assert.equal(existsSync(join(workbench.home, 'PyHardLinkBackups')), false);
  });
});
