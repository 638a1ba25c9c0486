import * as assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { Command, type BackupReply, type CommandId } from '../../src/contributions.js';
import { api, backUp, backupRoot, callApi, pastFile, scratchFolder, workspaceFolder } from './workspace.js';

/** A test host shows no question but rejects instead, which is as good as no answer. `test/e2e/links.test.ts` sees it asked. */
const NOT_ASKED = /refused to show dialog/;

describe('A command that a link calls', () => {
  let scratch: ReturnType<typeof scratchFolder>;
  let report: string;
  let name: string;

  beforeEach(async () => {
    scratch = scratchFolder();
    report = join(workspaceFolder(), 'report.md');
    writeFileSync(report, 'first\n');
    const folder = join(scratch.path, `links-${Date.now() % 100_000}`);
    mkdirSync(folder);
    for (const text of ['one', 'two', 'three']) {
      writeFileSync(join(folder, 'a.txt'), text);
      const reply = await callApi<BackupReply>(Command.backupFolder, vscode.Uri.file(folder));
      name = reply.snapshots[0]?.name ?? '';
    }
  });
  afterEach(async () => {
    await (await api()).forgetSource(name);
    scratch.remove();
  });

  it('asks before it deletes, whatever it is given, else a name in a message costs all backups', async () => {
    const ids = (): string[] => readdirSync(join(backupRoot(), name)).map(stamp => `${name}/${stamp}`);
    const before = ids();
    const [first = '', second = ''] = before;
    const uri = await address(first);
    const item = { sourceName: name };
    for (const [id, ...args] of [
      [Command.forgetSource, name],
      [Command.forgetSource, item],
      [Command.forgetSource, item, [item]],
      [Command.deleteSnapshot, first],
      [Command.deleteSnapshot, first, [second]],
      [Command.deleteSnapshot, first, second],
      [Command.deleteSnapshot, uri],
      [Command.deleteSnapshot, { uri }],
      [Command.deleteSnapshot, { uri }, [{ uri }]],
    ] as [CommandId, ...unknown[]][]) {
      await isAsked(id, ...args);
      assert.deepEqual(ids(), before, id);
    }
  });

  it('asks before it cleans up', async () => {
    const settings = vscode.workspace.getConfiguration('phlb.retention');
    const rules = ['keepLast', 'keepHourly', 'keepDaily', 'keepWeekly', 'keepMonthly'];
    for (const rule of rules)
      await settings.update(rule, rule === 'keepLast' ? 1 : 0, vscode.ConfigurationTarget.Global);
    try {
      const before = readdirSync(join(backupRoot(), name));
      await isAsked(Command.prune, name);
      assert.deepEqual(readdirSync(join(backupRoot(), name)), before);
    } finally {
      for (const rule of rules) await settings.update(rule, undefined, vscode.ConfigurationTarget.Global);
    }
  });

  it('asks before it overwrites, else old text takes the place of today’s', async () => {
    const { id } = await backUp();
    const past = await pastFile('report.md', id);
    writeFileSync(report, 'second\n');
    for (const what of [id, past, { uri: past }]) {
      await isAsked(Command.restore, what);
      await isAsked(Command.restore, what, {});
      assert.equal(readFileSync(report, 'utf8'), 'second\n');
    }
    await callApi(Command.restore, past);
    assert.equal(readFileSync(report, 'utf8'), 'first\n');
    await isAsked(Command.undoRestore, 'documents');
    await isAsked(Command.undoRestore);
    assert.equal(readFileSync(report, 'utf8'), 'first\n');
  });

  it('asks before it moves the backups elsewhere, else they go where somebody else reads them', async () => {
    const other = join(scratch.path, 'other');
    await isAsked(Command.changeLocation, vscode.Uri.file(other));
    assert.equal(existsSync(other), false);
    assert.equal(vscode.workspace.getConfiguration('phlb.backup').get('location'), '');
  });

  it('asks before it puts a program where one may be run, and puts a text there without', async () => {
    const tool = join(workspaceFolder(), 'tool');
    writeFileSync(tool, '#!/bin/sh\n');
    chmodSync(tool, 0o755);
    try {
      const { id } = await backUp();
      const past = await pastFile('report.md', id);
      const hooks = vscode.Uri.file(join(scratch.path, 'work', '.git', 'hooks'));
      await isAsked(Command.restoreTo, id, vscode.Uri.file(join(scratch.path, 'fresh')));
      rmSync(tool);
      await isAsked(Command.restoreDeleted, vscode.Uri.file(workspaceFolder()));
      assert.equal(existsSync(tool), false);
      await isAsked(Command.restoreTo, past, hooks);
      assert.deepEqual([existsSync(join(scratch.path, 'fresh')), existsSync(hooks.fsPath)], [false, false]);
      await vscode.commands.executeCommand(Command.restoreTo, past, vscode.Uri.file(join(scratch.path, 'texts')));
      assert.equal(readFileSync(join(scratch.path, 'texts', 'report.md'), 'utf8'), 'first\n');
      await callApi(Command.restoreTo, past, hooks);
      assert.equal(readFileSync(join(hooks.fsPath, 'report.md'), 'utf8'), 'first\n');
    } finally {
      rmSync(tool, { force: true });
    }
  });

  it('rejects with a text, else the editor makes links of the names in it', async () => {
    const unknown = '[x](command:workbench.action.files.newUntitledFile)\n$(trash)';
    for (const id of [Command.deleteSnapshot, Command.forgetSource, Command.prune, Command.backupSource, Command.pin]) {
      const error = await rejection(id, unknown);
      assert.match(error.message, /trash/, id);
      assert.doesNotMatch(error.message, /\]\(command|\$\(trash|\n/, id);
    }
  });

  async function address(id: string): Promise<vscode.Uri> {
    const file = join(scratch.path, name, 'a.txt');
    const past = await pastFile('a.txt', id, join(scratch.path, name));
    assert.equal(past.path, file);
    return past.with({ path: join(scratch.path, name) });
  }

  // Of one whose arguments look like those of a menu, a person is told what went wrong, and it resolves.
  async function isAsked(id: CommandId, ...args: unknown[]): Promise<void> {
    try {
      assert.equal(await vscode.commands.executeCommand(id, ...args), undefined, id);
    } catch (error) {
      assert.match((error as Error).message, NOT_ASKED, id);
    }
  }

  async function rejection(id: CommandId, ...args: unknown[]): Promise<Error> {
    try {
      await vscode.commands.executeCommand(id, ...args);
    } catch (error) {
      return error as Error;
    }
    assert.fail(`${id} did not reject`);
  }
});

describe('The API for scripts', () => {
  it('has every command, under its name and its id, and cannot be exchanged', async () => {
    const functions = await api();
    for (const [key, id] of Object.entries(Command)) {
      assert.equal(typeof functions[id], 'function', id);
      assert.equal(functions[key as keyof typeof Command], functions[id], id);
    }
    assert.ok(Object.isFrozen(functions));
    assert.equal(vscode.extensions.getExtension('phlb.phlb')?.exports, functions);
  });

  it('does what it is told without a question, and rejects with what goes wrong', async () => {
    const { backupFolder, deleteSnapshot, label } = await api();
    const other = scratchFolder();
    try {
      writeFileSync(join(other.path, 'a.txt'), 'a');
      const reply = await backupFolder(vscode.Uri.file(other.path));
      const { id, path } = reply?.snapshots[0] ?? {};
      assert.ok(id && path);
      assert.equal(spawnSync('diff', ['-r', other.path, path]).status, 0);
      assert.equal((await label(id, 'mine'))?.label, 'mine');
      await assert.rejects(label(id, 'two\nlines'), /one line/);
      assert.deepEqual((await deleteSnapshot(id))?.deleted, [id]);
      assert.equal(existsSync(path), false);
      await assert.rejects(deleteSnapshot(id), /no snapshot/i);
    } finally {
      other.remove();
    }
  });
});
