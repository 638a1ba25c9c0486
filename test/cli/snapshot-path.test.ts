import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { assertSameTrees } from '../support/judges.js';
import { Sandbox, type Restored } from '../support/sandbox.js';

describe('A path in a snapshot', () => {
  let box: Sandbox;
  let source: string;

  beforeEach(() => {
    box = new Sandbox();
    source = box.path('real/documents');
    box.write({ 'real/documents/d/a': 'a', 'real/documents/d/b': 'b', 'real/documents/e': 'e' });
    symlinkSync('d', join(source, 'l'));
    symlinkSync('real', box.path('link'));
    symlinkSync('real/documents', box.path('itself'));
    box.backup(source);
  });
  afterEach(() => box.dispose());

  const created = (...paths: string[]): string[] => {
    rmSync(box.path('out'), { recursive: true, force: true });
    const told = box.json<Restored>(0, 'restore', 'documents/latest', ...paths, '--to', 'out');
    assert.deepEqual(told.errors, []);
    return told.created.map(({ path }) => path).filter(path => path !== '');
  };

  const SPELLINGS = ['d/a', './d/a', 'd//a', 'd/./a', 'x/../d/a', './/d///a', 'd/a/'];
  for (const path of SPELLINGS) {
    it(`may be ${path}`, () => {
      assert.deepEqual(created(path), ['d', 'd/a']);
      assert.equal(readFileSync(box.path('out/d/a'), 'utf8'), 'a');
      const { entries } = box.json<{ entries: { path: string }[] }>(0, 'ls', 'documents/latest', path);
      assert.deepEqual(
        entries.map(entry => entry.path),
        ['d/a'],
      );
    });
  }

  it('may be absolute, through links to the source too, also of what is no longer there', () => {
    const spellings = ['real/documents/d/a', 'link/documents/d/a', 'itself/d/a', 'link/./documents//d/a'];
    for (const there of [true, false]) {
      if (!there) rmSync(join(source, 'd'), { recursive: true });
      for (const spelling of spellings) {
        assert.deepEqual(created(`${box.dir}/${spelling}`), ['d', 'd/a'], spelling);
        const { versions } = box.json<{ versions: { path: string }[] }>(0, 'versions', `${box.dir}/${spelling}`);
        assert.deepEqual(
          versions.map(({ path }) => path),
          ['d/a'],
        );
      }
    }
    rmSync(source, { recursive: true });
    assert.deepEqual(created(join(source, 'd/a')), ['d', 'd/a']);
  });

  it('of a symlink is the symlink, not what it leads to', () => {
    assert.deepEqual(created(join(source, 'l')), ['l']);
    assert.deepEqual(created(box.path('itself/l')), ['l']);
  });

  it('may be all of it', () => {
    for (const path of ['.', './', 'd/..', source, `${source}/`, box.path('link/documents'), box.path('itself')]) {
      assert.deepEqual(created(path).sort(), ['d', 'd/a', 'd/b', 'e', 'l'], path);
      assertSameTrees(source, box.path('out'));
      box.json(0, 'ls', 'documents/latest', path);
    }
    assert.deepEqual(created('d', '.').length, 5);
  });

  it('that leads out of the source is refused in one line, and nothing is written', () => {
    mkdirSync(box.path('elsewhere'));
    box.write({ 'real/documents-too/d/a': 'not of it' });
    for (const path of ['..', '../d', 'd/../../x', '/', '/etc/passwd', box.path('elsewhere'), `${source}-too/d/a`]) {
      for (const command of ['restore', 'ls']) {
        const { status, stderr } = box.phlb(command, 'documents/latest', path);
        assert.equal(status, 2, `${command} ${path}`);
        assert.match(stderr, /^phlb: Not a path below the source[^\n]*real\/documents\)\n$/);
      }
    }
    assert.equal(box.phlb('restore', 'documents/latest', 'd/nothing').status, 1);
  });
});
