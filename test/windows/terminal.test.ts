import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { installCli } from '../../src/host/editor/cli-scripts.js';
import { NODE, onDriveZ, Windows } from './support/windows.js';

describe('phlb.cmd, which terminals of Windows get', () => {
  let windows: Windows;

  beforeEach(() => (windows = new Windows()));
  afterEach(() => windows.dispose());

  it('hands on its arguments and its exit status', async () => {
    await installCli(windows.path('bin'), { node: onDriveZ(NODE), cli: onDriveZ(resolve('dist/cli.js')) });
    const phlb = windows.win('bin', 'phlb.cmd');
    windows.write({
      'my documents/a.txt': 'text\n',
      // How `cmd /c` takes quotes apart is not what is asked here.
      'ask.bat': `@"${phlb}" backup "${windows.win('my documents')}" --label "a  b" --json\r\n`,
    });
    const { status, stdout, stderr } = windows.run(['cmd', '/c', windows.win('ask.bat')]);
    assert.equal(status, 0, stderr);
    const { snapshots } = JSON.parse(stdout) as { snapshots: { source: string }[] };
    assert.equal(snapshots[0]?.source, windows.win('my documents'));
    assert.equal(windows.run(['cmd', '/c', phlb, 'nonsense']).status, 2);
  });
});
