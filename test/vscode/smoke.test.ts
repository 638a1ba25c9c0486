import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';

describe('The extension', () => {
  it('is there and activates, else no backup is ever made', async () => {
    const extension = vscode.extensions.getExtension('phlb.phlb');
    assert.ok(extension, 'phlb.phlb is not installed');
    await extension.activate();
    assert.equal(extension.isActive, true);
  });

  it('registers its commands, else the palette offers what does nothing', async () => {
    const extension = vscode.extensions.getExtension('phlb.phlb');
    await extension?.activate();
    const contributed: { command: string }[] = extension?.packageJSON.contributes.commands;
    const registered = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(
      contributed.map(({ command }) => command).filter(command => !registered.has(command)),
      [],
    );
  });
});
