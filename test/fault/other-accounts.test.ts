import assert from 'node:assert/strict';
import { lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { assertSameTrees } from '../support/judges.js';
import { CLI, Sandbox, type Ended } from '../support/sandbox.js';
import { must } from './support/ground.js';

const NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];

describe('A user', () => {
  let box: Sandbox;
  let source: string;

  beforeEach(function () {
    if (process.getuid?.() !== 0) this.skip();
    box = new Sandbox();
    source = box.path('documents');
    box.write({ 'documents/a.txt': 'first', 'documents/sub/b.txt': 'second' });
    must('chown', '-R', '65534:65534', box.dir);
  });
  afterEach(() => box.dispose());

  const asNobody = (...args: string[]): Ended => box.run([...NOBODY, process.execPath, CLI, ...args]);

  it('goes on after one "sudo phlb" in the own backup location', () => {
    assert.equal(asNobody('backup', source).status, 0);
    box.write({ 'documents/deep/er/by-root.txt': 'third', 'documents/new.txt': 'fourth' });
    assert.equal(box.phlb('backup', source).status, 0);
    for (const command of [
      ['list'],
      ['backup', source],
      ['verify'],
      ['stats'],
      ['find', '**'],
      ['pin', 'documents/latest'],
    ]) {
      const { status, stderr } = asNobody(...command);
      assert.equal(status, 0, `${command.join(' ')}: ${stderr}`);
    }
    assert.equal(asNobody('unpin', 'documents/latest').status, 0);
    const { status, stderr } = asNobody('prune', '--keep-last', '1');
    assert.equal(status, 0, stderr);
    const [latest = '', ...others] = readdirSync(join(box.root, 'documents'));
    assert.deepEqual(others, []);
    assertSameTrees(source, join(box.root, 'documents', latest));
  });

  it('goes on after a "sudo phlb" that has made the backup location, too', () => {
    box.backup(source);
    for (const command of [['list'], ['backup', source], ['find', '**'], ['delete', 'documents/latest']]) {
      const { status, stderr } = asNobody(...command);
      assert.equal(status, 0, `${command.join(' ')}: ${stderr}`);
    }
  });

  it('gets no right to read in a backup by root what only root could read', () => {
    must('chown', '-R', '0:0', source);
    must('chmod', '600', join(source, 'a.txt'));
    assert.equal(asNobody('list').status, 1, 'makes nothing yet');
    mkdirSync(box.root, { recursive: true });
    must('chown', '65534:65534', box.root);
    const { path } = box.backup(source);
    assert.equal(lstatSync(path).uid, 65534);
    assert.equal(lstatSync(join(path, 'a.txt')).uid, 0);
    assert.notEqual(box.run([...NOBODY, 'cat', join(path, 'a.txt')]).status, 0);
  });

  it('without a home folder, as in containers, is told so in a line, and needs none when all places are named', () => {
    const places = ['--root', box.path('root'), '--index', box.path('index')];
    const run = (...args: string[]): Ended =>
      box.run(['setpriv', '--reuid=54321', '--regid=65534', '--clear-groups', 'env', '-u', 'HOME', ...args]);
    const { status, stderr } = run('-u', 'XDG_STATE_HOME', process.execPath, CLI, 'list', ...places);
    assert.equal(status, 2);
    assert.match(stderr, /^phlb: This account has no home folder \([^\n]*HOME[^\n]*\)\n$/);
    must('chmod', '777', box.dir);
    const named = run(`XDG_STATE_HOME=${box.path('state')}`, process.execPath, CLI, 'backup', source, ...places);
    assert.equal(named.status, 0, named.stderr);
  });

  it('with a umask that forbids the owner to enter folders gets backups all the same', () => {
    for (const umask of ['0177', '0777']) {
      const root = box.path(`root-${umask}`);
      const { status, stderr } = box.run([
        ...NOBODY,
        'sh',
        '-c',
        `umask ${umask}; exec "$@"`,
        'sh',
        process.execPath,
        CLI,
        'backup',
        source,
        '--root',
        root,
      ]);
      assert.equal(status, 0, stderr);
      const [stamp = ''] = readdirSync(join(root, 'documents'));
      assertSameTrees(source, join(root, 'documents', stamp));
    }
  });
});
