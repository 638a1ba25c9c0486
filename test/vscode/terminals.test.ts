import * as assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { Command } from '../../src/contributions.js';
import { backUp, backupRoot, callApi, scratchFolder, waitFor, workspaceFolder } from './workspace.js';

interface Listed {
  sources: { name: string; source: string; snapshots: { id: string }[] }[];
}

describe('A terminal', () => {
  let scratch: ReturnType<typeof scratchFolder>;
  const terminals: vscode.Terminal[] = [];

  before(function () {
    if (!hasTerminals()) this.skip();
  });
  beforeEach(() => (scratch = scratchFolder()));
  afterEach(() => {
    for (const terminal of terminals.splice(0)) terminal.dispose();
    scratch.remove();
  });

  it('has phlb on its PATH, with the snapshots of the editor, else there are two histories', async () => {
    const { id } = await backUp();
    const listed = JSON.parse(await output('phlb list --json')) as Listed;
    const source = listed.sources.find(({ source: path }) => path === workspaceFolder());
    assert.ok(source?.snapshots.some(snapshot => snapshot.id === id));
    assert.equal((await output('printenv PHLB_ROOT')).trim(), backupRoot());
    // The index is shared as well: a search by the command line needs no new one.
    const { matches } = JSON.parse(await output('phlb find report.md --json')) as { matches: { path: string }[] };
    assert.ok(matches.some(({ path }) => path === 'report.md'));
  });

  it('takes a snapshot that the editor has at once, else an agent cannot save the work before it edits', async () => {
    await backUp();
    const hook = 'phlb backup --skip-unchanged --quiet "$PWD"';
    assert.equal((await output(`${hook}; echo "status $?"`)).trim(), 'status 0');
    assert.equal((await output(`printf changed > report.md; ${hook}; echo "status $?"`)).trim(), 'status 0');
    const { sources } = JSON.parse(await output('phlb list --json')) as Listed;
    const newest = sources.find(({ source }) => source === workspaceFolder())?.snapshots.at(-1);
    assert.ok(newest);
    const path = await vscode.commands.executeCommand<string>(Command.copyPath, newest.id);
    assert.equal(readFileSync(join(path, 'report.md'), 'utf8'), 'changed');
  });

  it('follows the backup location, else the command line goes on at the old one', async () => {
    const root = join(scratch.path, 'elsewhere');
    const settings = vscode.workspace.getConfiguration('phlb.backup');
    try {
      await callApi(Command.changeLocation, vscode.Uri.file(root));
      assert.equal((await output('printenv PHLB_ROOT')).trim(), root);
    } finally {
      await settings.update('location', undefined, vscode.ConfigurationTarget.Global);
    }
    assert.equal((await output('printenv PHLB_ROOT')).trim(), backupRoot());
  });

  let runs = 0;

  /** What a command prints in a new terminal of the editor. */
  async function output(command: string): Promise<string> {
    const file = join(scratch.path, `out-${++runs}`);
    const terminal = vscode.window.createTerminal({ cwd: workspaceFolder(), shellPath: '/bin/sh' });
    terminals.push(terminal);
    terminal.sendText(`{ ${command}; } > '${file}.new'; mv '${file}.new' '${file}'`);
    await waitFor(command, () => existsSync(file), 40_000);
    return readFileSync(file, 'utf8');
  }
});

// The server of the oldest version comes without the compiled half of its terminal, so nothing can be run in one there.
function hasTerminals(): boolean {
  const pty = join(vscode.env.appRoot, 'node_modules', 'node-pty');
  return !existsSync(pty) || ['prebuilds', 'build'].some(name => existsSync(join(pty, name)));
}
