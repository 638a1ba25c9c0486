import * as assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { BackupReply } from '../../src/contributions.js';
import { backupRoot, scratchFolder } from './workspace.js';

/** A snapshot of a source of another computer, `far.txt` in it. Returns its id. */
export async function foreignSnapshot(): Promise<string> {
  const other = scratchFolder();
  const folder = join(other.path, 'elsewhere');
  const env = { ...process.env, PHLB_HOST: 'c0ffee00c0ffee00', XDG_STATE_HOME: join(other.path, 'state') };
  try {
    mkdirSync(folder);
    writeFileSync(join(folder, 'far.txt'), 'far away\n');
    const cli = join(vscode.extensions.getExtension('phlb.phlb')?.extensionPath ?? '', 'dist', 'cli.js');
    const args = [cli, 'backup', folder, '--root', backupRoot(), '--json'];
    const reply: BackupReply = JSON.parse(execFileSync(process.execPath, args, { env, encoding: 'utf8' }));
    await vscode.commands.executeCommand('phlb.refresh');
    return reply.snapshots[0]?.id ?? assert.fail('no snapshot');
  } finally {
    other.remove();
  }
}
