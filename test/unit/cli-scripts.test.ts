import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { batchScript, installCli } from '../../src/host/editor/cli-scripts.js';
import { CLI, Sandbox } from '../support/sandbox.js';

describe('The command that terminals get', () => {
  let box: Sandbox;
  let bin: string;

  beforeEach(() => {
    box = new Sandbox();
    bin = box.path('a folder', 'bin');
  });
  afterEach(() => box.dispose());

  it('runs phlb with its arguments as they are, wherever the editor is installed', async function () {
    if (process.platform === 'win32') return this.skip();
    const program = box.path("Anna's $HOME `editor`");
    mkdirSync(program);
    symlinkSync(process.execPath, join(program, 'node'));
    symlinkSync(CLI, join(program, 'cli.js'));
    await installCli(bin, { node: join(program, 'node'), cli: join(program, 'cli.js') });
    box.write({ "my 'documents' $x/report.md": 'text\n' });
    const { status, stdout, stderr } = spawnSync(
      'sh',
      ['-c', 'phlb backup "$1" --label "a  b" --json', 'sh', box.path("my 'documents' $x")],
      { cwd: box.dir, env: { ...box.env, PATH: `${bin}:${process.env['PATH']}` }, encoding: 'utf8' },
    );
    assert.equal(status, 0, stderr);
    const { snapshots } = JSON.parse(stdout) as { snapshots: { source: string }[] };
    assert.equal(snapshots[0]?.source, box.path("my 'documents' $x"));
    assert.equal(
      spawnSync(join(bin, 'phlb'), ['nonsense'], { env: box.env }).status,
      2,
      'its exit status comes through',
    );
  });

  it('is written anew when it is not as it should be, and left alone otherwise', async function () {
    if (process.platform === 'win32') return this.skip();
    const script = join(bin, 'phlb');
    const program = { node: '/opt/node', cli: '/opt/cli.js' };
    await installCli(bin, program);
    const { ino, mode } = statSync(script);
    assert.equal(mode & 0o777, 0o755);
    await installCli(bin, program);
    assert.equal(statSync(script).ino, ino);
    chmodSync(script, 0o644);
    await installCli(bin, program);
    assert.equal(statSync(script).mode & 0o777, 0o755);
    writeFileSync(script, 'of an older version');
    await installCli(bin, { ...program, node: '/opt/newer' });
    assert.match(readFileSync(script, 'utf8'), /'\/opt\/newer'/);
    assert.deepEqual(readdirSync(bin).sort(), ['phlb', 'phlb.cmd']);
  });

  it('is in a folder that nobody else can write in, whatever the umask was, else others choose what runs', async function () {
    if (process.platform === 'win32') return this.skip();
    const program = { node: '/opt/node', cli: '/opt/cli.js' };
    const modes = (): number[] =>
      [bin, join(bin, 'phlb'), join(bin, 'phlb.cmd')].map(path => statSync(path).mode & 0o7777);
    const umask = process.umask(0);
    try {
      await installCli(bin, program);
      assert.deepEqual(modes(), [0o700, 0o755, 0o755]);
      // As an earlier version left it under such a umask.
      chmodSync(bin, 0o777);
      chmodSync(join(bin, 'phlb'), 0o777);
      await installCli(bin, program);
      assert.deepEqual(modes(), [0o700, 0o755, 0o755]);
    } finally {
      process.umask(umask);
    }
  });

  it('goes into no folder that a link leads to, else somebody else has chosen it', async function () {
    if (process.platform === 'win32') return this.skip();
    mkdirSync(box.path('elsewhere'));
    mkdirSync(box.path('a folder'));
    symlinkSync(box.path('elsewhere'), bin);
    await assert.rejects(installCli(bin, { node: '/opt/node', cli: '/opt/cli.js' }), /link/);
    assert.deepEqual(readdirSync(box.path('elsewhere')), []);
  });

  it('names what lies in the home folder by it, else a name with an umlaut breaks the batch file', () => {
    const home = 'C:\\Users\\Jörg';
    const node = 'C:\\Program Files\\100% Code\\Code.exe';
    const text = batchScript({ node, cli: 'c:\\Users\\Jörg\\.vscode\\extensions\\phlb\\dist\\cli.js' }, home);
    assert.ok(text.includes('"C:\\Program Files\\100%% Code\\Code.exe" "%USERPROFILE%\\.vscode\\extensions'), text);
    assert.doesNotMatch(text, /ö/);
    assert.match(text, /^@echo off\r\n/);
  });
});
