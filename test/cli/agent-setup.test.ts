import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { AGENT_IDS } from '../../src/setup/agent-id.js';
import { LAUNCHER_MARK } from '../../src/setup/own-program.js';
import { Sandbox } from '../support/sandbox.js';

interface Setup {
  agent: string;
  scope: string;
  written: boolean;
  files: { path: string; change: string; diff: string[] }[];
  warnings: { code: string; message: string }[];
  notes: string[];
}

const SETTINGS = '{\n  // chosen by me\n  "model": "opus",\n}\n';

describe('phlb agent setup', () => {
  let box: Sandbox;
  beforeEach(() => {
    box = new Sandbox();
    box.write({ 'home/.claude/settings.json': SETTINGS });
  });
  afterEach(() => box.dispose());
  const sums = (): string =>
    box.run(['sh', '-c', 'find "$1" -type f -exec sha256sum {} + | sort', 'sh', box.home]).stdout;
  const settings = (): string => readFileSync(join(box.home, '.claude', 'settings.json'), 'utf8');

  it('writes nothing unasked: --print shows, and without a terminal --yes is needed', () => {
    const shown = box.phlb('agent', 'setup', 'claude', '--print');
    assert.equal(shown.status, 0, shown.stderr);
    assert.match(shown.stdout, /settings\.json\n[\s\S]* {2}\+ {2}"hooks": \{\n[\s\S]*agent hook claude/);
    const refused = box.phlb('agent', 'setup', 'claude');
    assert.equal(refused.status, 2);
    assert.match(refused.stdout, /agent hook claude/);
    assert.match(
      refused.stderr,
      /phlb: Nothing was written, since nobody can be asked \(give --yes to write it, --print to show it\)\n$/,
    );
    assert.equal(settings(), SETTINGS);
    const declined = box.phlbGiven({ text: '\n', terminal: true }, {}, 'agent', 'setup', 'claude');
    assert.equal(declined.status, 0);
    assert.match(declined.stderr, /Write this\? \(y\/N\) phlb: Nothing was written\n/);
    assert.equal(settings(), SETTINGS);
  });

  it('asks at a terminal, and then for the first snapshot, which an agent would wait for', () => {
    box.write({ 'project/a.txt': 'content' });
    const { status, stderr, stdout } = box.phlbGiven(
      { text: 'y\n', terminal: true, folder: box.path('project') },
      {},
      'agent',
      'setup',
      'claude',
    );
    assert.equal(status, 0, stderr);
    assert.match(settings(), /agent hook claude/);
    assert.match(stdout, /PHLB is set up for Claude Code \(1 file\)\n/);
    assert.match(stdout, /\.claude\.json is not there yet.*claude mcp add --scope user phlb -- \/opt\/node/);
    assert.match(stderr, /Take the first snapshot of .*project now\? \(y\/N\)/);
    box.phlb('agent', 'setup', 'claude', '--yes', '--remove');
    const both = { text: 'yes\ny\n', terminal: true, folder: box.path('project') };
    assert.equal(box.phlbGiven(both, {}, 'agent', 'setup', 'claude').status, 0);
    assert.equal(box.ids().length, 1);
  });

  it('is the same twice as once, and gives back each byte with --remove, for each agent', () => {
    box.write({
      'home/.claude.json': '{"numStartups": 7}',
      'home/.codex/config.toml': '# mine\r\nmodel = "o"\r\n\r\n[mcp_servers.other]\r\ncommand = "x"',
      'home/.codex/hooks.json': '{}',
      'home/.cursor/mcp.json': '{ "mcpServers": { } }\n',
    });
    const before = sums();
    for (const agent of AGENT_IDS) {
      const first = box.json<Setup>(0, 'agent', 'setup', agent, '--yes');
      assert.deepEqual([first.agent, first.scope, first.written, first.files.length], [agent, 'user', true, 2]);
      const second = box.json<Setup>(0, 'agent', 'setup', agent, '--yes');
      assert.equal(second.written, false);
      assert.deepEqual(
        second.files.map(({ change }) => change),
        ['none', 'none'],
      );
    }
    assert.match(readFileSync(join(box.home, '.codex', 'config.toml'), 'utf8'), /\[mcp_servers\.phlb\]\r\ncommand = /);
    for (const agent of AGENT_IDS)
      assert.equal(box.json<Setup>(0, 'agent', 'setup', agent, '--yes', '--remove').written, true);
    assert.equal(sums(), before);
  });

  it('names the backup location where it is not the default one, else an agent started elsewhere uses another', () => {
    const line = (env: NodeJS.ProcessEnv, ...args: string[]): string => {
      const { stdout } = box.phlbGiven({ text: '' }, env, 'agent', 'setup', 'codex', '--print', '--json', ...args);
      const { files } = JSON.parse(stdout) as Setup;
      return files.flatMap(({ diff }) => diff).find(text => text.includes('"command": "')) ?? '';
    };
    assert.match(line({}), /"\/opt\/node \/opt\/phlb\/dist\/cli\.js agent hook codex"/);
    assert.match(
      line({ PHLB_ROOT: '/mnt/b', PHLB_INDEX: '/i' }),
      /cli\.js --root \/mnt\/b --index \/i agent hook codex"/,
    );
    assert.match(line({}, '--root', box.path('my backups')), /--root '.*my backups' agent hook codex"/);
    assert.match(
      line({ PHLB_ROOT: '/mnt/b' }, '--project'),
      /"phlb agent hook codex"/,
      'what others share names no path of mine',
    );
  });

  it('names the launcher of the editor, which outlives updates of the extension', () => {
    box.write({ 'storage/bin/phlb': `#!/bin/sh\n# ${LAUNCHER_MARK}, which replaces it when it starts.\n` });
    const env = { PATH: `/nowhere:relative:${box.path('storage', 'bin')}`, ELECTRON_RUN_AS_NODE: '1' };
    const found = box.phlbGiven({ text: '' }, env, 'agent', 'setup', 'cursor', '--print');
    assert.match(found.stdout, new RegExp(`"command": "${box.path('storage', 'bin', 'phlb')} agent hook cursor"`));
    const lost = box.phlbGiven({ text: '' }, { ELECTRON_RUN_AS_NODE: '1' }, 'agent', 'setup', 'cursor', '--print');
    assert.equal(lost.status, 2);
    assert.match(lost.stderr, /call it as phlb in a terminal of the editor/);
  });

  it('says when what deletes the project may delete the backups, too', () => {
    const { warnings } = box.json<Setup>(
      0,
      'agent',
      'setup',
      'claude',
      '--print',
      '--root',
      box.path('project', 'backups'),
    );
    const inside = warnings.find(({ code }) => code === 'inside');
    assert.match(inside?.message ?? '', /an agent that deletes one may delete both/);
    const away = box.json<Setup>(0, 'agent', 'setup', 'claude', '--print', '--root', '/var/phlb-backups');
    assert.ok(away.warnings.every(({ code }) => code !== 'inside'));
  });

  it('goes through a link of a folder of dotfiles, and keeps who may read it', () => {
    box.write({ 'dotfiles/cursor.json': '{"version": 1}' });
    chmodSync(box.path('dotfiles', 'cursor.json'), 0o644);
    mkdirSync(join(box.home, '.cursor'));
    const link = join(box.home, '.cursor', 'hooks.json');
    symlinkSync(box.path('dotfiles', 'cursor.json'), link);
    box.json<Setup>(0, 'agent', 'setup', 'cursor', '--yes');
    assert.ok(lstatSync(link).isSymbolicLink());
    assert.match(readFileSync(box.path('dotfiles', 'cursor.json'), 'utf8'), /^\{"version": 1,\n {2}"hooks"/);
    assert.equal(statSync(link).mode & 0o777, 0o644);
    box.json<Setup>(0, 'agent', 'setup', 'cursor', '--yes', '--remove');
    assert.equal(readFileSync(link, 'utf8'), '{"version": 1}');
  });

  it('writes nothing at all where one of the files cannot be understood', () => {
    writeFileSync(join(box.home, '.claude.json'), '{"numStartups": ');
    const { status, stderr } = box.phlb('agent', 'setup', 'claude', '--yes');
    assert.equal(status, 1);
    assert.match(stderr, /^phlb: This is not JSON \(line 1\): .*\.claude\.json\n$/);
    assert.equal(settings(), SETTINGS);
    box.write({ 'home/.codex/config.toml': 'mcp_servers = { other = { command = "x" } }\n' });
    const byHand = box.phlb('agent', 'setup', 'codex', '--yes');
    assert.equal(byHand.status, 1);
    assert.match(byHand.stderr, /can only be changed by hand here: .*config\.toml \(it should hold command = /);
    assert.ok(!existsSync(join(box.home, '.codex', 'hooks.json')));
  });

  it('says so where it may not write', function () {
    const folder = box.path('home', '.codex');
    mkdirSync(folder);
    const run = [
      'setpriv',
      '--reuid=65534',
      '--clear-groups',
      process.execPath,
      'dist/cli.js',
      'agent',
      'setup',
      'codex',
      '--yes',
    ];
    if (process.getuid?.() !== 0) return this.skip();
    box.run(['chmod', '-R', 'a+rX', box.dir]);
    const { status, stderr } = box.run([...run.slice(0, 4), join(process.cwd(), 'dist', 'cli.js'), ...run.slice(5)]);
    assert.equal(status, 1, stderr);
    assert.match(stderr, /^phlb: This file cannot be read or written \(EACCES: permission denied\): .*hooks\.json$/m);
  });

  it('knows its words', () => {
    for (const [args, message] of [
      [['agent'], /agent needs setup or hook, and the agent/],
      [
        ['agent', 'setup', 'emacs'],
        /There is no agent emacs \(usage: phlb agent setup\|hook claude\|codex\|cursor\|copilot\)/,
      ],
      [['agent', 'go', 'claude'], /agent does not know go/],
      [['agent', 'setup', 'constructor'], /There is no agent constructor/],
    ] as const) {
      const { status, stderr } = box.phlb(...args);
      assert.equal(status, 2);
      assert.match(stderr, message);
    }
  });
});
