import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as NpmPackageModule from '../../scripts/package/npm-package.mjs';
import { assertSameTrees } from '../support/judges.js';
import { Sandbox } from '../support/sandbox.js';

describe('The npm package', () => {
  let box: Sandbox;
  let folder: string;

  before(async () => {
    box = new Sandbox();
    folder = box.path('empty');
    mkdirSync(folder);
    const script = pathToFileURL(join(process.cwd(), 'scripts', 'package', 'npm-package.mjs')).href;
    const { packCommandLine } = (await import(script)) as typeof NpmPackageModule;
    const archive = await packCommandLine(box.path('packed'), 'ignore');
    const { status, stderr } = box.run([
      'sh',
      '-c',
      `cd empty && npm install --offline --no-audit --no-fund '${archive}'`,
    ]);
    assert.equal(status, 0, stderr);
  });
  after(() => box.dispose());

  it('holds the command line and nothing else, else each user downloads tests and maps', () => {
    const installed = readdirSync(join(folder, 'node_modules/phlb'), { recursive: true, encoding: 'utf8' });
    assert.deepEqual(installed.sort(), [
      ...['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'dist/THIRD_PARTY_NOTICES.txt', 'dist/cli.js'],
      ...['dist/engine.js', 'dist/mcp.js', 'dist/pool.js', 'dist/sql-wasm.wasm', 'dist/worker.js', 'package.json'],
    ]);
    assert.deepEqual(
      readdirSync(join(folder, 'node_modules')).filter(name => !name.startsWith('.')),
      ['phlb'],
    );
  });

  it('backs up and restores with npx in a folder without anything else, else nobody can use it', () => {
    box.write({ 'empty/letters/a.txt': 'Dear reader', 'empty/letters/sub/b.txt': 'b', 'empty/letters/none/': '' });
    const npx = (...args: string[]): string => {
      const { status, stdout, stderr } = box.run([
        'sh',
        '-c',
        'cd empty && exec npx --no-install phlb "$@"',
        'sh',
        ...args,
      ]);
      assert.equal(status, 0, stderr);
      return stdout;
    };
    const { snapshots } = JSON.parse(npx('backup', 'letters', '--json')) as { snapshots: { path: string }[] };
    assertSameTrees(join(folder, 'letters'), snapshots[0]?.path ?? '');
    npx('restore', 'letters/latest', '--to', box.path('back'));
    assertSameTrees(join(folder, 'letters'), box.path('back'));
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    assert.match(npx('--version'), new RegExp(`^(phlb )?${version}\n$`));
  });
});

describe('The notices', () => {
  const notices = (): string => readFileSync('dist/THIRD_PARTY_NOTICES.txt', 'utf8');

  it('give the licence of each package whose code is shipped, else shipping it breaks that licence', () => {
    // The maps beside the bundles are another account of what is in them.
    const maps = readdirSync('dist').filter(name => name.endsWith('.map'));
    const sources = maps.flatMap(
      name => (JSON.parse(readFileSync(join('dist', name), 'utf8')) as { sources: string[] }).sources,
    );
    // The last one of a path: a package may have another one in its own files.
    const folders = new Set(sources.flatMap(path => /.*(node_modules\/(?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []));
    // What is published in the others of its name.
    folders.delete('node_modules/@modelcontextprotocol/core-internal');
    assert.ok(folders.size >= 4, [...folders].join());
    for (const folder of [...folders, 'node_modules/uplot']) {
      const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
        string,
        string
      >;
      assert.ok(notices().includes(`\n${name} ${version} (`), name);
      const licence = readdirSync(folder).find(file => /^licen[cs]e/i.test(file));
      assert.ok(notices().includes(readFileSync(join(folder, licence ?? 'LICENSE'), 'utf8').trim()), name);
    }
  });

  it('name nothing that is not shipped, else they say nothing', () => {
    for (const name of ['esbuild', 'mocha', 'typescript', 'fast-check']) {
      assert.ok(existsSync(join('node_modules', name)));
      assert.ok(!new RegExp(`^${name} `, 'm').test(notices()), name);
    }
  });
});
