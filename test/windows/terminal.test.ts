import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { installCli } from '../../src/host/cliScripts.js';
import type { Ended } from '../unit/support/sandbox.js';
import { NODE, onDriveZ, Windows } from './support/windows.js';

describe('phlb.cmd, which terminals of Windows get', () => {
  let windows: Windows;

  beforeEach(() => (windows = new Windows()));
  afterEach(() => windows.dispose());

  it('hands on its arguments and its exit status', async () => {
    const bin = windows.path('a folder (1)', 'bin');
    await installCli(bin, { node: onDriveZ(NODE), cli: onDriveZ(resolve('dist/cli.js')) });
    windows.write({ 'my documents/a.txt': 'text\n' });
    // In a batch file: how `cmd /c` takes quotes apart is not what is asked here.
    const phlb = (line: string): Ended => {
      const program = windows.win('a folder (1)', 'bin', 'phlb.cmd');
      windows.write({ 'ask.bat': `@call "${program}" ${line}\r\n@exit %ERRORLEVEL%\r\n` });
      return windows.run(['cmd', '/c', windows.win('ask.bat')]);
    };
    const { status, stdout, stderr } = phlb(`backup "${windows.win('my documents')}" --label "a  b" --json`);
    assert.equal(status, 0, stderr);
    const { snapshots } = JSON.parse(stdout) as { snapshots: { source: string }[] };
    assert.equal(snapshots[0]?.source, windows.win('my documents'));
    assert.equal(phlb('nonsense').status, 2);
  });
});
