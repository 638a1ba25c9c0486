import assert from 'node:assert/strict';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { Sandbox, type Ended } from '../support/sandbox.js';

/** What a release reads; the tests and checks of the copy are a line each, since these here are among them. */
const COPIED = [
  ...[
    'scripts',
    'src',
    'test',
    'media',
    'l10n',
    'esbuild.mjs',
    'package.json',
    'package-lock.json',
    'package.nls.json',
  ],
  ...[
    'package.nls.de.json',
    'README.md',
    'CHANGELOG.md',
    'LICENSE',
    '.gitignore',
    'tsconfig.json',
    'tsconfig.base.json',
  ],
];

describe('npm run release', () => {
  let box: Sandbox;
  let clone: string;
  const read = (name: string): string => readFileSync(join(clone, name), 'utf8');
  const version = (file: string): string => (JSON.parse(read(file)) as { version: string }).version;
  const git = (...args: string[]): string => box.run(['git', '-C', clone, ...args]).stdout.trim();
  const release = (args: string[], env: NodeJS.ProcessEnv = {}): Ended =>
    box.run([process.execPath, join(clone, 'scripts/package/release.mjs'), ...args], env);

  beforeEach(() => {
    box = new Sandbox();
    clone = box.path('clone');
    for (const name of COPIED) cpSync(name, join(clone, name), { recursive: true });
    symlinkSync(resolve('node_modules'), join(clone, 'node_modules'));
    const manifest = JSON.parse(read('package.json')) as { version: string; scripts: Record<string, string> };
    for (const name of ['test', 'lint', 'typecheck']) manifest.scripts[name] = `node -e "console.log('${name} ran')"`;
    for (const name of ['prelint', 'pretypecheck']) delete manifest.scripts[name];
    manifest.version = '0.1.0';
    writeFileSync(join(clone, 'package.json'), JSON.stringify(manifest, undefined, 2) + '\n');
    writeFileSync(join(clone, '.gitignore'), read('.gitignore').replace('node_modules/', 'node_modules'));
    writeFileSync(
      join(clone, 'CHANGELOG.md'),
      '# Changelog\n\n## Unreleased\n\n### Added\n\n- Snapshots.\n\n## 0.1.0\n\n- First.\n',
    );
    git('init', '--quiet', '--initial-branch=main');
    for (const [key, value] of [
      ['user.name', 'A maintainer'],
      ['user.email', 'maintainer@example.org'],
    ])
      git('config', key ?? '', value ?? '');
    git('add', '--all');
    git('commit', '--quiet', '--message', 'Before');
  });
  afterEach(() => box.dispose());

  it('makes a tagged commit and the packages of that version, and publishes nothing by itself', () => {
    const { status, stdout, stderr } = release(['1.0.0']);
    assert.equal(status, 0, stderr);
    for (const name of ['test', 'lint', 'typecheck']) assert.match(stdout, new RegExp(`${name} ran`));
    assert.deepEqual([version('package.json'), version('package-lock.json')], ['1.0.0', '1.0.0']);
    const today = new Date().toISOString().slice(0, 10);
    assert.ok(read('CHANGELOG.md').includes(`## Unreleased\n\n## 1.0.0 - ${today}\n\n### Added\n\n- Snapshots.\n`));
    assert.equal(git('log', '-1', '--format=%s %D'), 'Version 1.0.0 HEAD -> main, tag: v1.0.0');
    assert.equal(git('status', '--porcelain'), '');
    for (const name of ['phlb-1.0.0.vsix', 'phlb-1.0.0.tgz']) assert.ok(existsSync(join(clone, name)), name);
    assert.equal(stdout.match(/^Not published \(--publish\) to /gm)?.length, 3);
  });

  it('leaves everything as it was when a test fails, else a broken version is found in the history', () => {
    const manifest = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    manifest.scripts['test'] = 'node -e "process.exit(1)"';
    writeFileSync(join(clone, 'package.json'), JSON.stringify(manifest, undefined, 2) + '\n');
    git('commit', '--quiet', '--all', '--message', 'A bug');
    const { status, stderr } = release(['1.0.0']);
    assert.equal(status, 1);
    assert.match(stderr, /Release: npm run test ended with exit code 1\n$/);
    assert.deepEqual([git('status', '--porcelain'), git('tag'), version('package.json')], ['', '', '0.1.0']);
  });

  it('refuses what would be a wrong release before it changes anything', () => {
    const refusal = (args: string[], env?: NodeJS.ProcessEnv): string => {
      const { status, stderr } = release(args, env);
      assert.equal(status, 1);
      return stderr;
    };
    for (const wrong of ['', '0.0.9', '0.1.0', '1.0', '1.0.0-beta', 'v1.0.0']) {
      assert.match(refusal([wrong]), /^Release: give a version after 0\.1\.0/);
    }
    assert.match(refusal(['1.0.0', '--publish']), /Marketplace needs a token in VSCE_PAT/);
    assert.match(refusal(['1.0.0', '--publish'], { VSCE_PAT: 'a' }), /Open VSX needs a token in OVSX_PAT/);
    assert.equal(git('status', '--porcelain'), '');
    writeFileSync(join(clone, 'CHANGELOG.md'), '# Changelog\n\n## Unreleased\n\n## 0.1.0\n\n- First.\n');
    assert.match(refusal(['1.0.0']), /changes that are not committed/);
    git('commit', '--quiet', '--all', '--message', 'Nothing new');
    assert.match(refusal(['1.0.0']), /nothing below "## Unreleased"/);
    git('tag', 'v1.0.0');
    assert.match(refusal(['1.0.0']), /tag v1\.0\.0 is there already/);
    assert.equal(git('status', '--porcelain'), '');
  });

  it('with --publish hands the tested packages to each publisher, once everything else is done', () => {
    // In the places of the programs that reach out: what they are asked is written down.
    const bin = box.path('bin');
    mkdirSync(bin);
    const real = box.run(['sh', '-c', 'command -v npm']).stdout.trim();
    const note = `echo "$(basename "$0") $*" >> '${box.path('asked')}'`;
    writeFileSync(join(bin, 'npx'), `#!/bin/sh\n${note}\n`);
    writeFileSync(
      join(bin, 'npm'),
      `#!/bin/sh\ncase "$1" in publish|whoami) ${note};; *) exec '${real}' "$@";; esac\n`,
    );
    for (const name of ['npx', 'npm']) chmodSync(join(bin, name), 0o755);
    const tokens = { VSCE_PAT: 'a', OVSX_PAT: 'b', PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` };
    const { status, stderr } = release(['1.0.0', '--publish'], tokens);
    assert.equal(status, 0, stderr);
    assert.deepEqual(readFileSync(box.path('asked'), 'utf8').trim().split('\n'), [
      'npm whoami',
      'npx --no-install vsce publish --packagePath phlb-1.0.0.vsix',
      'npx --yes ovsx publish --packagePath phlb-1.0.0.vsix',
      'npm publish phlb-1.0.0.tgz',
    ]);
    assert.equal(git('tag'), 'v1.0.0');
  });
});
