import * as assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from '../../src/contributions.js';
import type { RestoreResult } from '../../src/engine/words/model.js';
import { backUp, callApi, closeEditors, markTurn, workspaceFolder } from './workspace.js';

const undoTurn = (...args: unknown[]): Promise<RestoreResult> => callApi(Command.undoTurn, ...args);

describe('A turn of an agent', () => {
  let folder: string;
  let turns = 0;
  let turn: string;
  let last: string;

  beforeEach(() => {
    folder = join(workspaceFolder(), 'agent');
    turn = `turn-${++turns}`;
    mkdirSync(folder);
    writeFileSync(join(folder, 'code.ts'), 'as it was\n');
    writeFileSync(join(folder, 'mine.md'), 'mine\n');
    markTurn(turn);
    writeFileSync(join(folder, 'code.ts'), 'by the agent\n');
    writeFileSync(join(folder, 'new.ts'), 'by the agent\n');
    last = markTurn(turn);
  });
  afterEach(async () => {
    await closeEditors();
    rmSync(folder, { recursive: true });
  });

  it('is taken back by its id, and what a person did since stays', async () => {
    writeFileSync(join(folder, 'mine.md'), 'edited since\n');
    const result = await undoTurn(turn);
    assert.deepEqual(result.overwritten, [{ path: 'agent/code.ts' }]);
    assert.deepEqual(result.deleted, [{ path: 'agent/new.ts' }]);
    assert.equal(readFileSync(join(folder, 'code.ts'), 'utf8'), 'as it was\n');
    assert.equal(readFileSync(join(folder, 'mine.md'), 'utf8'), 'edited since\n');
    await callApi(Command.undoRestore);
    assert.equal(readFileSync(join(folder, 'code.ts'), 'utf8'), 'by the agent\n');
  });

  it('is taken back by a snapshot that holds it, and none by another', async () => {
    const { id } = await backUp();
    await assert.rejects(undoTurn(id), /This snapshot holds no changes by an agent/);
    await undoTurn(last);
    assert.ok(!existsSync(join(folder, 'new.ts')));
  });
});
