import * as assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { Command } from '../../../src/contributions.js';
import type { FindResult } from '../../../src/engine/find.js';
import { activeTab, backUp, closeEditors, workspaceFolder } from '../workspace.js';

const find = (glob: string): Promise<FindResult> =>
  Promise.resolve(vscode.commands.executeCommand<FindResult>(Command.findFile, glob));

describe('Finding a file in snapshots', () => {
  afterEach(closeEditors);

  it('tells a script where it was last, without a question', async () => {
    const folder = join(workspaceFolder(), 'lost and found');
    mkdirSync(folder);
    writeFileSync(join(folder, 'lost.txt'), 'lost\n');
    writeFileSync(join(folder, 'kept.txt'), 'kept\n');
    const { id } = await backUp();
    rmSync(join(folder, 'lost.txt'));
    try {
      const newer = await backUp();
      const { matches, total } = await find('lost and found/*.txt');
      assert.equal(total, 2);
      assert.deepEqual(
        matches.map(({ path, last, deleted }) => [path, last, deleted]),
        [
          ['lost and found/kept.txt', newer.id, false],
          ['lost and found/lost.txt', id, true],
        ],
      );
      assert.equal(activeTab(), undefined);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('rejects an empty glob, so that a script notices', async () => {
    await assert.rejects(() => find(''));
  });
});
