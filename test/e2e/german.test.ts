import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeReport } from './history.js';
import { scrollTo } from './shoot.js';
import { Workbench } from './workbench.js';

describe('An editor in German', () => {
  let workbench: Workbench;
  let backups: string;

  before(async () => {
    workbench = await Workbench.launch(makeReport, { language: 'de' });
    backups = join(workbench.home, 'PyHardLinkBackups');
    await workbench.openContainer('PHLB');
  });

  after(() => workbench?.close());

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.failed(this.currentTest.title);
  });

  it('offers the first backup and takes it', async () => {
    await workbench.welcome(/Es gibt noch keinen Schnappschuss/).waitFor();
    await workbench.runCommand('PHLB: Arbeitsbereich sichern');
    await workbench.treeItem(/^documents, /).waitFor();
    await workbench.status(/^PHLB\. Letzte Sicherung: Heute/).waitFor();
    await workbench.screenshot('german');
  });

  it('shows the storage page in German, down to what can be done with a snapshot', async () => {
    await workbench.runCommand('PHLB: Speicherbelegung anzeigen');
    const page = workbench.webview();
    await page.getByRole('heading', { name: 'Speicher', exact: true }).waitFor();
    await page.getByRole('button', { name: /^Was damit getan werden kann/ }).click();
    await scrollTo(page.getByRole('button', { name: 'Löschen…' }));
    await workbench.screenshot('german-storage');
  });

  it('says what is the matter in German too, with what can be done in the editor', async () => {
    writeFileSync(join(backups, '.phlb', 'store.json'), 'unsinn');
    await workbench.runCommand('PHLB: Aktualisieren');
    const text = /Die Liste der Quellen ist nicht zu verstehen.*in einem Terminal dieses Editors/;
    await workbench.page.locator('.sidebar').getByText(text).first().waitFor();
    await workbench.screenshot('german-damaged');
  });
});
