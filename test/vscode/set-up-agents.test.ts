import * as assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { Command } from '../../src/contributions.js';
import { backUp, backupRoot, callApi, workspaceFolder } from './workspace.js';

describe('Set Up for Coding Agents', () => {
  const file = join(homedir(), '.claude', 'settings.json');
  afterEach(() => {
    for (const folder of ['.claude', '.codex', '.cursor', '.copilot']) {
      rmSync(join(homedir(), folder), { recursive: true, force: true });
    }
  });

  it('lets an agent that is started anywhere take snapshots in the history of the editor', async () => {
    await backUp();
    mkdirSync(dirname(file));
    writeFileSync(file, '{\n  // mine\n  "model": "opus"\n}\n');
    assert.deepEqual(await callApi(Command.setUpAgents, ['claude']), ['claude']);
    const text = readFileSync(file, 'utf8');
    assert.match(text, /^\{\n {2}\/\/ mine\n {2}"model": "opus",\n {2}"hooks": /);
    const [, line = ''] = /"command": "(.*agent hook claude)"/.exec(text) ?? [];
    assert.notEqual(line, '');
    writeFileSync(join(workspaceFolder(), 'report.md'), `changed by an agent ${Date.now()}\n`);
    const event = { hook_event_name: 'Stop', session_id: 's', prompt_id: 'p', cwd: workspaceFolder() };
    const { PATH, HOME, XDG_STATE_HOME } = process.env;
    const env = { PATH, HOME, XDG_STATE_HOME };
    execFileSync('sh', ['-c', line], { cwd: '/', env, input: JSON.stringify(event) });
    const list = line.replace('agent hook claude', 'list --json');
    const stdout = execFileSync('sh', ['-c', list], { cwd: '/', env, encoding: 'utf8' });
    const { sources } = JSON.parse(stdout) as {
      sources: { source: string; snapshots: { path: string; cause: string }[] }[];
    };
    const newest = sources.find(({ source }) => source === workspaceFolder())?.snapshots.at(-1);
    assert.equal(newest?.cause, 'Claude Code');
    assert.ok(newest?.path.startsWith(backupRoot()));
  });

  it('writes nothing a second time', async () => {
    assert.deepEqual(await callApi(Command.setUpAgents, ['codex', 'cursor', 'copilot']), [
      'codex',
      'cursor',
      'copilot',
    ]);
    assert.deepEqual(await callApi(Command.setUpAgents, ['codex', 'cursor', 'copilot']), []);
  });

  it('refuses a name that it does not know', async () => {
    await assert.rejects(callApi(Command.setUpAgents, ['../../x']), /There is no agent \.\.\/\.\.\/x/);
    assert.equal(existsSync(file), false);
  });

  it('is in the palette', async () => {
    assert.ok((await vscode.commands.getCommands(true)).includes(Command.setUpAgents));
  });
});
