import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';

interface Binding {
  key: string;
  command: string;
}

describe('A key of PHLB', () => {
  it('is none of those that the editor itself has, else one of the two does not work', async () => {
    // What "Open Default Keyboard Shortcuts (JSON)" shows, of this system.
    const all = await vscode.workspace.openTextDocument(vscode.Uri.parse('vscode://defaultsettings/keybindings.json'));
    const text = all.getText();
    const bindings = JSON.parse(text.slice(text.indexOf('['), text.lastIndexOf(']') + 1)) as Binding[];
    const taken = new Map(bindings.filter(({ command }) => !isOurs(command)).map(({ key, command }) => [key, command]));
    assert.ok(taken.has('ctrl+k ctrl+s'), 'the list is not what it was taken for');
    const manifest = vscode.extensions.getExtension('phlb.phlb')?.packageJSON as {
      contributes: { keybindings: Binding[] };
    };
    const clashes = manifest.contributes.keybindings.flatMap(({ key }) => taken.get(key) ?? []);
    assert.deepEqual(clashes, []);
    for (const { key, command } of manifest.contributes.keybindings) {
      assert.ok(
        bindings.some(binding => binding.key === key && binding.command === command),
        `${key} is not written as the editor writes it`,
      );
    }
  });
});

function isOurs(command: string): boolean {
  return command.startsWith('phlb.');
}
