import * as assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { Command } from '../../src/contributions.js';
import { activeTab, backUp, closeEditors, pastFile, waitFor, workspaceFolder } from './workspace.js';

const TEXT = 'Grüße aus Köln\n';

describe('A file that is not UTF-8', () => {
  let file: string;

  afterEach(async () => {
    await closeEditors();
    rmSync(file);
  });

  for (const [encoding, bytes] of [
    ['windows1252', Buffer.from(TEXT, 'latin1')],
    ['utf16be', Buffer.from(TEXT, 'utf16le').swap16()],
    ['utf16le', Buffer.from(`\ufeff${TEXT}`, 'utf16le')],
  ] as const) {
    it(`is compared in the encoding that was chosen for it, ${encoding}, else all umlauts have changed`, async () => {
      file = join(workspaceFolder(), `${encoding}.txt`);
      writeFileSync(file, bytes);
      const { id } = await backUp();
      const today = await vscode.workspace.openTextDocument(vscode.Uri.file(file), { encoding });
      assert.equal(today.getText(), TEXT);
      const past = await pastFile(`${encoding}.txt`, id);
      await pastText(past, TEXT);
      await closeEditors();
      await vscode.workspace.openTextDocument(vscode.Uri.file(file), { encoding });
      await vscode.commands.executeCommand(Command.openFile, past);
      await pastText(past, TEXT);
    });
  }

  it('is compared anew when another encoding is chosen by hand', async () => {
    file = join(workspaceFolder(), 'by-hand.txt');
    writeFileSync(file, Buffer.from(TEXT, 'latin1'));
    const { id } = await backUp();
    const past = await pastFile('by-hand.txt', id);
    await pastText(past, Buffer.from(TEXT, 'latin1').toString('utf8'));
    await vscode.workspace.openTextDocument(vscode.Uri.file(file), { encoding: 'windows1252' });
    await pastText(past, TEXT);
    assert.ok(activeTab()?.input instanceof vscode.TabInputTextDiff, 'the comparison is still there');
  });

  it('keeps a mark of its own that says what it was then', async () => {
    file = join(workspaceFolder(), 'marked.txt');
    writeFileSync(file, `\ufeff${TEXT}`);
    const { id } = await backUp();
    writeFileSync(file, Buffer.from(TEXT, 'latin1'));
    await vscode.workspace.openTextDocument(vscode.Uri.file(file), { encoding: 'windows1252' });
    const past = await pastFile('marked.txt', id);
    await pastText(past, TEXT);
  });
});

async function pastText(past: vscode.Uri, expected: string): Promise<void> {
  const text = (): string | undefined =>
    vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === past.toString())?.getText();
  await waitFor(`${JSON.stringify(expected)} of ${past.path}`, () => text() === expected);
}
