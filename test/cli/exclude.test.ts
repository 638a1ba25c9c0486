import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { refuseAsRule } from '../../src/engine/scan/impossible-globs.js';
import type { EngineClient } from '../../src/worker/client.js';
import { locationOf, startEngine } from '../support/engine.js';
import { Sandbox } from '../support/sandbox.js';

/** What no path below a source can match. */
const NEVER = [
  '',
  '/',
  './',
  '.',
  '/home/u/documents/build',
  '/build',
  'C:\\documents\\build',
  '//server/share',
  '!keep.txt',
  '../other',
  'a/../../b',
  'a/./b',
  'logs\\old',
  'logs\\',
  '{../a,/b}',
];

/** What looks like one of these, and is none. */
const MAY = ['!(a|b)', '\\!a', 'a..b', '...', '.env', './x', '{../a,b}', '\\[a\\]', '#x', '*', '**', '**/.*', 'x/'];

describe('phlb backup --exclude', () => {
  let box: Sandbox;
  let engine: EngineClient;
  let source: string;

  before(() => {
    engine = startEngine();
  });
  beforeEach(() => {
    box = new Sandbox();
    source = box.path('documents');
    box.write({ 'documents/logs/a': '1', 'documents/sub/logs': 'a file', 'documents/sub/deep/logs/b': '2' });
  });
  afterEach(() => box.dispose());
  after(() => engine.dispose());

  it('leaves out at the top only, at any depth, and folders only, as its help says', () => {
    const help = box.phlb('backup', '--help').stdout;
    assert.match(help, /--exclude GLOB .*x at the top only, \*\*\/x at any depth, x\/ folders only/);
    const stored = (glob: string): boolean[] => {
      const { path } = box.backup(source, '--exclude', glob);
      return ['logs/a', 'sub/logs', 'sub/deep/logs/b'].map(file => existsSync(join(path, file)));
    };
    assert.deepEqual(stored('logs'), [false, true, true]);
    assert.deepEqual(stored('**/logs'), [false, false, false]);
    assert.deepEqual(stored('**/logs/'), [false, true, false]);
    assert.deepEqual(stored('sub/logs/'), [true, true, true]);
    assert.deepEqual(stored('sub/{logs,deep}/'), [true, true, false]);
    assert.deepEqual(stored('./sub/*/'), [true, true, false]);
  });

  it('refuses in one line what can never match, and makes no snapshot', () => {
    for (const glob of NEVER) {
      const { status, stdout, stderr } = box.phlb('backup', source, '--exclude', 'x', '--exclude', glob);
      assert.deepEqual([status, stdout], [2, ''], glob);
      assert.match(stderr, /^phlb: This glob can never match: [^\n]* \([^\n]+\)\n$/, glob);
    }
    assert.equal(existsSync(box.root), false);
  });

  it('takes what only looks like it', async () => {
    for (const glob of MAY) assert.doesNotThrow(() => refuseAsRule(glob), glob);
    const rules = { exclude: MAY, useGitignore: false, maxFileSize: null, oneFileSystem: false };
    assert.deepEqual((await engine.call('backup', { location: locationOf(box), source, rules })).notes, []);
  });

  it('names, in a dry run, the rules that leave nothing out', () => {
    const args = ['backup', source, '--dry-run', '--exclude', 'lgos', '--exclude', '**/logs/', '--exclude', '**/tmp'];
    const { warnings, excluded } = box.backupWith(0, ...args.slice(1));
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ['unmatched', 'unmatched'],
    );
    assert.match(warnings[0]?.message ?? '', /the rule lgos .*top of the source/);
    assert.match(warnings[1]?.message ?? '', /the rule \*\*\/tmp$/);
    assert.deepEqual(excluded, [{ rule: '**/logs/', directories: 2, files: 0 }]);
    assert.match(box.phlb(...args).stderr, /^phlb: Nothing is left out by the rule lgos/m);
    // Only asked for, and never the defaults, which are for any source.
    assert.deepEqual(box.backup(source, '--exclude', 'lgos').warnings, []);
    assert.deepEqual(box.backupWith(0, source, '--dry-run').warnings.length, 1, 'also a rule that is remembered');
  });

  it('goes on with impossible rules that are remembered or in settings, and names them', async () => {
    const location = locationOf(box);
    const exclude = [...NEVER, 'logs'];
    const rules = { exclude, useGitignore: false, maxFileSize: null, oneFileSystem: false };
    const given = await engine.call('backup', { location, source, rules });
    const remembered = await engine.call('backup', { location, source });
    for (const { published, notes, files, excluded } of [given, remembered]) {
      assert.deepEqual([published, files, excluded], [true, 2, [{ rule: 'logs', directories: 1, files: 0 }]]);
      const told = notes.join('\n');
      assert.match(told, /^Not obeyed: the rule "", which can never match/m);
      assert.match(told, /rule \/build may not leave out what it was meant to/);
      assert.match(told, /rule !keep\.txt may not leave out/);
      assert.match(told, /further rules$/);
    }
  });

  it('was taken from the top where an older version remembered it with a / at its beginning, and still is', async () => {
    box.backup(source, '--exclude', 'sub');
    const file = join(box.root, '.phlb', 'store.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"sub"', '"/sub"'));
    const { files, notes } = await engine.call('backup', { location: locationOf(box), source });
    assert.equal(files, 1);
    assert.match(notes.join('\n'), /rule \/sub may not/);
  });

  it('means folders in find and purge, too, and takes no path of another program there', () => {
    const { id } = box.backup(source);
    const paths = (...args: string[]): string[] =>
      box.json<{ matches?: { path: string }[]; removed?: { path: string }[] }>(0, ...args).matches?.map(m => m.path) ??
      [];
    assert.deepEqual(paths('find', 'logs'), ['logs', 'sub/deep/logs', 'sub/logs']);
    assert.deepEqual(paths('find', 'logs/'), ['logs', 'sub/deep/logs']);
    const { removed } = box.json<{ removed: { path: string }[] }>(0, 'purge', 'logs/');
    assert.deepEqual(removed.map(({ path }) => path).sort(), ['logs', 'logs/a', 'sub/deep/logs', 'sub/deep/logs/b']);
    for (const command of ['find', 'purge']) {
      for (const glob of ['../logs', 'sub\\logs', 'C:\\documents']) {
        const { status, stderr } = box.phlb(command, glob);
        assert.equal(status, 2, `${command} ${glob}`);
        assert.match(stderr, /^phlb: This glob can never match: [^\n]*\n$/);
      }
    }
    assert.ok(existsSync(join(box.root, id, 'sub/logs')));
  });
});
