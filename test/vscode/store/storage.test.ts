import * as assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { Command } from '../../../src/contributions.js';
import type { StatsResult } from '../../../src/engine/stats.js';
import { backUp, backupRoot, closeEditors, workspaceFolder } from '../workspace.js';

const showStorage = (): Thenable<StatsResult | undefined> => vscode.commands.executeCommand(Command.showStorage);

describe('The storage page', () => {
  afterEach(closeEditors);

  it('gives a script the numbers of du once it shows them, else a watch on the disk is blind', async () => {
    writeFileSync(join(workspaceFolder(), 'report.md'), `storage ${Date.now()}\n`);
    const { id } = await backUp();
    const stats = await showStorage();
    const du = execFileSync('du', ['-sB1', backupRoot()], { encoding: 'utf8' }).split('\t')[0];
    assert.equal(String(stats?.allocatedBytes), du);
    assert.ok(stats?.perSnapshot.some(snapshot => snapshot.id === id));
  });

  it('is open once at most, else each look at it leaves a tab behind', async () => {
    await backUp();
    await Promise.all([showStorage(), showStorage()]);
    await showStorage();
    const tabs = vscode.window.tabGroups.all.flatMap(group => group.tabs);
    assert.equal(tabs.filter(({ input }) => input instanceof vscode.TabInputWebview).length, 1);
  });

  it('can be closed while it measures, else a large store holds the editor up', async () => {
    await backUp();
    // At whatever moment: before the first number, between two of them, after the last one.
    for (let ms = 0; ms < 200; ms += 10) {
      const shown = showStorage();
      await new Promise(done => setTimeout(done, ms));
      await closeEditors();
      await shown;
    }
  });
});
