import * as assert from 'node:assert/strict';
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { backUp, closeEditors, pastFile, workspaceFolder } from './workspace.js';

describe('Past documents', () => {
  let folder: string;
  let past: vscode.Uri;
  const at = (path: string): vscode.Uri => past.with({ path: `${folder}/${path}` });

  before(async () => {
    folder = workspaceFolder();
    writeFileSync(join(folder, 'report.md'), 'first\n');
    writeFileSync(join(folder, 'größe 日本 %41.txt'), 'ö');
    symlinkSync('/etc/passwd', join(folder, 'link'));
    symlinkSync('/etc', join(folder, 'folder-link'));
    try {
      const { id } = await backUp();
      past = await pastFile('report.md', id);
    } finally {
      for (const name of ['link', 'folder-link', 'größe 日本 %41.txt']) rmSync(join(folder, name));
      await closeEditors();
    }
  });

  it('have the path of the file of today, so that a comparison shows no rename', () => {
    assert.equal(past.scheme, 'phlb');
    assert.match(past.authority, /^[0-9a-f]+$/);
    assert.equal(past.path, vscode.Uri.file(join(folder, 'report.md')).path);
  });

  it('are read-only, else history could be edited', async () => {
    assert.equal(vscode.workspace.fs.isWritableFileSystem('phlb'), false);
    const stat = await vscode.workspace.fs.stat(past);
    assert.deepEqual([stat.type, stat.size], [vscode.FileType.File, 6]);
    await assert.rejects(async () => vscode.workspace.fs.writeFile(past, Buffer.from('x')));
    await assert.rejects(async () => vscode.workspace.fs.delete(past));
  });

  it('can be listed like folders', async () => {
    const entries = new Map(await vscode.workspace.fs.readDirectory(past.with({ path: folder })));
    assert.equal(entries.get('letters'), vscode.FileType.Directory);
    assert.equal(entries.get('report.md'), vscode.FileType.File);
    assert.equal(entries.get('link'), vscode.FileType.File | vscode.FileType.SymbolicLink);
    assert.deepEqual(await vscode.workspace.fs.readDirectory(at('letters')), [['brief.txt', vscode.FileType.File]]);
  });

  it('open under any name', async () => {
    assert.equal((await vscode.workspace.openTextDocument(at('größe 日本 %41.txt'))).getText(), 'ö');
  });

  it('never follow a link, else a past link shows a file of today', async () => {
    assert.equal(Buffer.from(await vscode.workspace.fs.readFile(at('link'))).toString(), '/etc/passwd');
    await assert.rejects(async () => vscode.workspace.fs.readFile(at('folder-link/passwd')), isFileNotFound);
    await assert.rejects(async () => vscode.workspace.fs.readFile(past.with({ path: '/etc/passwd' })), isFileNotFound);
  });

  it('are "not found" when the file or the snapshot is not there', async () => {
    await assert.rejects(async () => vscode.workspace.fs.stat(at('none.txt')), isFileNotFound);
    await assert.rejects(async () => vscode.workspace.fs.stat(past.with({ authority: 'abcd' })), isFileNotFound);
  });
});

function isFileNotFound(error: unknown): boolean {
  return error instanceof vscode.FileSystemError && error.code === 'FileNotFound';
}
