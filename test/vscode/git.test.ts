import * as assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { Command } from '../../src/contributions.js';
import type { DiffResult } from '../../src/engine/diff.js';
import type { RestoreResult } from '../../src/engine/words/model.js';
import { activeTab, backUp, callApi, closeEditors, pastFile, waitFor, workspaceFolder } from './workspace.js';

describe('A folder with a git repository', () => {
  let git: string;
  let report: string;

  const write = (name: string, text: string): void => writeFileSync(join(git, name), text);

  beforeEach(() => {
    git = join(workspaceFolder(), '.git');
    report = join(workspaceFolder(), 'report.md');
    mkdirSync(git);
    write('HEAD', 'ref: refs/heads/main\n');
    write('packed-refs', 'first\n');
    writeFileSync(report, 'first\n');
  });
  afterEach(async () => {
    await closeEditors();
    rmSync(git, { recursive: true });
  });

  it('is restored without it, and the result says so, else commits are gone', async () => {
    const { id } = await backUp();
    write('packed-refs', 'second\n');
    writeFileSync(report, 'second\n');
    const result = await callApi<RestoreResult>(Command.restore, id);
    assert.deepEqual(result.left, [{ path: '.git', reason: 'repository' }]);
    assert.deepEqual(result.overwritten, [{ path: 'report.md' }]);
    assert.equal(readFileSync(join(git, 'packed-refs'), 'utf8'), 'second\n');
    const past = (await pastFile('report.md', id)).with({ path: git });
    assert.deepEqual((await callApi<RestoreResult>(Command.restore, past)).left, []);
    assert.equal(readFileSync(join(git, 'packed-refs'), 'utf8'), 'first\n');
  });

  it('is compared without it, which the title tells, but the result holds it', async () => {
    const { id } = await backUp();
    write('packed-refs', 'second\n');
    write('new', 'new\n');
    writeFileSync(report, 'second\n');
    const result = await callApi<DiffResult>(Command.showChanges, id);
    assert.deepEqual(
      result.changes.map(({ path }) => path),
      ['.git/new', '.git/packed-refs', 'report.md'],
    );
    const tab = await waitFor('the changes', activeTab);
    assert.match(tab.label, / ↔ Now · \.git: 2 files/);
    await closeEditors();
    const past = (await pastFile('report.md', id)).with({ path: git });
    await callApi(Command.showChanges, past);
    const asked = await waitFor('its changes', () => activeTab()?.label.startsWith('documents/.git: ') && activeTab());
    assert.match(asked.label, / ↔ Now(?! ·)/);
  });

  it('counts only what somebody has changed, else each commit looks like a day of work', async () => {
    await backUp();
    for (let i = 0; i < 20; i++) write(`object-${i}`, `${i}`);
    write('packed-refs', 'second\n');
    rmSync(join(git, 'HEAD'));
    writeFileSync(report, 'second\n');
    const { id } = await backUp();
    assert.equal(await changedFilesOf(id), 1);
  });
});

async function changedFilesOf(id: string): Promise<number | undefined> {
  const tool = await vscode.lm.invokeTool('phlb_list_snapshots', { input: {}, toolInvocationToken: undefined });
  const [part] = tool.content;
  const { snapshots } = JSON.parse((part as vscode.LanguageModelTextPart).value) as {
    snapshots: { id: string; changedFiles: number }[];
  };
  return snapshots.find(snapshot => snapshot.id === id)?.changedFiles;
}
