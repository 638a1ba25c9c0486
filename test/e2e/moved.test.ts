import * as assert from 'node:assert/strict';
import { readdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { OtherTerminal } from './history.js';
import { Workbench } from './workbench.js';

const FILES = { 'report.md': '# Report\n', 'budget.csv': 'in,out\n', 'letters/thanks.md': 'Thank you\n' };

describe('A project that is opened under another path', () => {
  let workbench: Workbench;

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await workbench.failed(this.currentTest.title);
    await workbench.close();
  });

  it('since it was moved goes on with its history when the user says so, else there are two halves', async () => {
    workbench = await Workbench.launch(async (home, env) => {
      const terminal = new OtherTerminal(home, env);
      terminal.write(FILES);
      terminal.backup('before the move');
      renameSync(terminal.path(''), join(home, 'elsewhere'));
      return join(home, 'elsewhere');
    });
    await workbench.openContainer('PHLB');
    await workbench.runCommand('PHLB: Backup Workspace');
    await workbench.dialog.getByText('Go on with the history of documents?').waitFor();
    await workbench.dialog.getByText(/~\/elsewhere looks like ~\/documents, which is no longer there/).waitFor();
    await workbench.screenshot('moved-question');
    await workbench.answerDialog('Go On with It');
    await workbench.notification(/Backed up documents: 3 files/).waitFor();
    assert.deepEqual(sources(), ['documents']);
    await workbench.treeItem(/^documents, .*2 snapshots/).waitFor();
    await workbench.screenshot('moved-history');
  });

  it('through a symlink is the project that it leads to, else it is backed up twice', async () => {
    workbench = await Workbench.launch(async (home, env) => {
      const terminal = new OtherTerminal(home, env);
      terminal.write(FILES);
      terminal.backup('by its own path');
      symlinkSync(terminal.path(''), join(home, 'shortcut'));
      return join(home, 'shortcut');
    });
    await workbench.openContainer('PHLB');
    await workbench.treeItem(/^documents, .*1 snapshot/).waitFor();
    await workbench.runCommand('PHLB: Backup Workspace');
    await workbench.notification(/Backed up documents: 3 files/).waitFor();
    assert.deepEqual(sources(), ['documents']);
    await workbench.treeItem(/^documents, .*2 snapshots/).waitFor();
  });

  function sources(): string[] {
    const root = join(workbench.home, 'PyHardLinkBackups');
    return readdirSync(root).filter(name => !name.startsWith('.'));
  }
});
