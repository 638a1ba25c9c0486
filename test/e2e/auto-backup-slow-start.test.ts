import { makeReport } from './history.js';
import { OFTEN, RUN } from './often.js';
import { Workbench } from './workbench.js';

/** Holds up all extensions until the report is saved. */
const SLOW_START = `
const { readFileSync } = require('node:fs');
module.exports = async ({ workspace }) => {
  const report = workspace.workspaceFolders[0].uri.fsPath + '/report.md';
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (const end = Date.now() + 60_000; Date.now() < end; Atomics.wait(pause, 0, 0, 100)) {
    if (readFileSync(report, 'utf8').startsWith('Early')) break;
  }
  // The editor tells of the save now, and only this extension is there.
  await new Promise(done => setTimeout(done, 1000));
};
`;

describe('Auto-backup in an editor that starts slowly', () => {
  let workbench: Workbench;

  before(async () => (workbench = await Workbench.launch(makeReport, { settings: OFTEN, guest: SLOW_START })));
  after(() => workbench?.close());

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.failed(this.currentTest.title);
  });

  it('takes what was saved before it was there, else the first edit of a day is lost', async () => {
    await workbench.openFile('report.md');
    await workbench.page.keyboard.press('Control+Home');
    await workbench.page.keyboard.type('Early. ');
    await workbench.page.keyboard.press('Control+s');
    await workbench.notification(/Back up this workspace automatically/).waitFor(RUN);
  });
});
