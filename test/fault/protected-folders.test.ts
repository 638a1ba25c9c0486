import assert from 'node:assert/strict';
import { chmodSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { flip } from '../support/damage.js';
import { assertSameTrees } from '../support/judges.js';
import { CLI, Sandbox, type Ended } from '../support/sandbox.js';
import { must } from './support/ground.js';

const NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];

describe('Protected folders', () => {
  let box: Sandbox;
  let source: string;
  let folder: string;

  // To root, permissions of folders say nothing.
  beforeEach(function () {
    if (process.getuid?.() !== 0) this.skip();
    box = new Sandbox();
    source = box.path('documents');
    folder = join(box.root, 'documents');
    box.write({ 'documents/a.txt': 'first', 'documents/sub/deep/b.txt': 'second', 'documents/sub/secret.key': 's' });
    must('chown', '-R', '65534:65534', box.dir);
  });
  afterEach(() => box.dispose());

  const run = (...command: string[]): Ended => box.run([...NOBODY, ...command]);
  const phlb = (...args: string[]): Ended => {
    const ended = run(process.execPath, CLI, ...args);
    assert.equal(ended.status, 0, `phlb ${args.join(' ')}: ${ended.stderr}${ended.stdout}`);
    return ended;
  };
  const stamps = (): string[] => readdirSync(folder).sort();
  const tree = (at: number): string => join(folder, stamps()[at] ?? '');

  it('are not removed by an rm -rf, of a snapshot, of what is in it, or of all', () => {
    phlb('backup', source, '--protect-folders');
    const judged = box.path('judged');
    must('cp', '-a', tree(0), judged);
    for (const target of [tree(0), join(tree(0), 'sub'), join(tree(0), 'sub/deep/b.txt'), box.root]) {
      assert.notEqual(run('rm', '-rf', target).status, 0);
    }
    assert.notEqual(run('sh', '-c', `echo x > ${tree(0)}/sub/new`).status, 0);
    assertSameTrees(judged, tree(0));
    // One step more, and it is a tree like any other.
    assert.equal(run('sh', '-c', `chmod -R u+w ${tree(0)} && rm -rf ${tree(0)}`).status, 0);
    assert.deepEqual(stamps(), []);
  });

  it('are nothing that PHLB has to ask for: it deletes, purges, heals and goes on', () => {
    phlb('backup', source, '--protect-folders');
    writeFileSync(join(source, 'a.txt'), 'changed');
    phlb('backup', source);
    assert.notEqual(run('rm', '-rf', tree(1)).status, 0, 'the store remembers it');

    flip(join(tree(0), 'sub/deep/b.txt'));
    const healed = run(process.execPath, CLI, 'verify', '--heal');
    assert.equal(healed.status, 0, healed.stdout);
    assertSameTrees(source, tree(1));

    chmodSync(join(tree(1), 'sub'), 0o755);
    rmSync(join(tree(1), 'sub/deep'), { recursive: true });
    chmodSync(join(tree(1), 'sub'), 0o555);
    assert.equal(run(process.execPath, CLI, 'verify', '--heal').status, 0);
    assertSameTrees(source, tree(1));

    phlb('purge', '**/secret.key', '--yes');
    assert.ok(!existsSync(join(tree(0), 'sub/secret.key')));
    phlb('purge', 'sub', '--yes');
    assert.deepEqual(readdirSync(tree(1)), ['a.txt']);
    assert.notEqual(run('rm', '-rf', tree(1)).status, 0, 'they are protected again');
    phlb('restore', 'documents/latest', 'a.txt');
    phlb('delete', `documents/${stamps()[0] ?? ''}`);
    phlb('prune', '--keep-last', '1');
    phlb('verify');
    assert.deepEqual(readdirSync(join(box.root, '.phlb/partial')), []);

    phlb('backup', source, '--no-protect-folders');
    assert.equal(run('rm', '-rf', tree(stamps().length - 1)).status, 0);
  });

  it('come back with the permissions that they had, also once the manifests are gone', () => {
    phlb('backup', source, '--protect-folders');
    phlb('restore', 'documents/latest', '--to', box.path('back'));
    must('chmod', '-R', 'u+w', join(box.root, '.phlb'));
    rmSync(join(box.root, '.phlb/manifests'), { recursive: true });
    phlb('rebuild', '--rehash');
    phlb('restore', 'documents/latest', '--to', box.path('again'));
    for (const target of ['back', 'again']) {
      assertSameTrees(source, box.path(target));
      assert.equal(run('touch', box.path(target, 'sub/deep/new')).status, 0, target);
    }
  });
});
