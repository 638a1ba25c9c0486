import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { assertSameTrees, installed } from '../support/judges.js';
import { EmptyRepository, OffsiteBox } from '../support/offsite-box.js';
import { missingFor, restic } from '../support/offsite-servers.js';
import { CLI } from '../support/sandbox.js';
import { makeWritable } from '../support/trees.js';
import { seeded, start } from './support/processes.js';

const missing = missingFor();

describe(`Recovering from copies${missing.length > 0 ? ` (skipped: no ${missing.join(', ')})` : ''}`, () => {
  if (missing.length > 0) return void it.skip('works');
  let empty: EmptyRepository;
  let box: OffsiteBox;

  before(() => (empty = new EmptyRepository()));
  after(() => empty.dispose());
  beforeEach(() => (box = new OffsiteBox(empty)));
  afterEach(() => box.dispose());

  /** @returns its id */
  function snapshot(files: Record<string, string>, ...args: string[]): string {
    box.write(Object.fromEntries(Object.entries(files).map(([path, text]) => [`documents/${path}`, text])));
    return box.backup('documents', ...args).id;
  }

  function recover(status: number, ...args: string[]): Recovered {
    const ended = box.tryOffsite({}, 'recover', '--json', ...args);
    assert.equal(ended.status, status, ended.stderr);
    return JSON.parse(ended.stdout) as Recovered;
  }

  function isBack(...ids: string[]): void {
    assert.deepEqual(box.ids(), ids);
    for (const id of ids) assertSameTrees(box.path('was', id), join(box.root, id));
    assert.match(box.phlb('verify').stdout, /no damage/);
  }

  it('goes on after kill -9 at any moment, and leaves nothing half', async () => {
    const random = seeded();
    for (let i = 0; i < 300; i++) box.write({ [`documents/${i}`]: `${i} `.repeat(20_000) });
    const first = snapshot({});
    const second = snapshot({ new: 'new' });
    const third = snapshot({ newer: 'newer' });
    box.push();
    box.lose();
    for (let i = 0; i < 5; i++) {
      const run = start(box, [process.execPath, CLI, 'offsite', 'recover'], box.there.env);
      await sleep(300 + random() * 2500);
      run.child.kill('SIGKILL');
      await run.ended;
      // Killed so early that it had not come to make one.
      const stands = existsSync(join(box.root, '.phlb', 'store.json'));
      for (const id of stands ? box.ids() : []) {
        assertSameTrees(box.path('was', id), join(box.root, id));
      }
    }
    recover(0);
    isBack(first, second, third);
    assert.deepEqual(readdirSync(join(box.root, '.phlb', 'partial')), []);
    assert.deepEqual(
      readdirSync(join(box.state, 'offsite')).filter(name => name.startsWith('lists-')).length <= 5,
      true,
    );
  });

  it('fetches only what is not here, and links nothing to what has rotted', () => {
    const first = snapshot({ a: 'the same in both', b: 'only in the first' });
    const second = snapshot({ b: 'only in the second' });
    box.push();
    box.lose();
    box.run(['cp', '-a', box.path('was'), box.root]);
    rmSync(join(box.root, second), { recursive: true });
    const { mtime, atime } = statSync(join(box.root, first, 'a'));
    makeWritable(join(box.root, first, 'a'));
    writeFileSync(join(box.root, first, 'a'), 'the SAME in both');
    utimesSync(join(box.root, first, 'a'), atime, new Date(mtime.getTime() + 5000));
    const { snapshots, fetchedBytes, linkedFiles } = recover(0);
    assert.deepEqual(
      [snapshots, fetchedBytes, linkedFiles],
      [1, 'the same in both'.length + 'only in the second'.length, 0],
    );
    assertSameTrees(box.path('was', second), join(box.root, second));
    assert.deepEqual(recover(0), { snapshots: 0, fetchedBytes: 0, linkedFiles: 0, errors: [] });
  });

  it('brings back one snapshot that is asked for, and one that holds nothing', () => {
    mkdirSync(box.path('documents'));
    const nothing = snapshot({});
    const something = snapshot({ a: 'a' });
    snapshot({ a: 'b' });
    assert.equal(box.push().length, 3);
    box.lose();
    assert.equal(recover(0, '--snapshot', something).snapshots, 1);
    isBack(something);
    assert.equal(recover(0, '--snapshot', nothing).snapshots, 1);
    assert.deepEqual(readdirSync(join(box.root, nothing)), []);
    const none = box.tryOffsite({}, 'recover', '--snapshot', 'documents/2001-01-01-000000');
    assert.equal(none.status, 1);
    assert.match(none.stderr, /There is no copy of documents\/2001-01-01-000000/);
  });

  it('asks whose copies are meant where two machines have pushed to one repository', () => {
    const mine = snapshot({ a: 'mine' });
    const other = new OffsiteBox(empty);
    try {
      other.write({ 'photos/a': 'theirs' });
      const theirs = other.backup('photos').id;
      box.push();
      const pushed = other.phlbWith(box.there.env, 'offsite', 'push', '--json');
      assert.equal(pushed.status, 0, pushed.stderr);
      assert.deepEqual(box.copies(), [mine, theirs].sort());
      assert.equal(recover(0).snapshots, 0, 'here it is known whose they are');
      box.lose();
      const ended = box.tryOffsite({}, 'recover');
      assert.equal(ended.status, 2);
      const [, store = ''] = /([0-9a-f]{16}) \(documents\)/.exec(ended.stderr) ?? [];
      assert.match(
        ended.stderr,
        /holds copies of several backup locations: .*\(photos\).* \(say which one with --store\)/,
      );
      assert.equal(recover(0, '--store', store).snapshots, 1);
      isBack(mine);
    } finally {
      other.dispose();
    }
  });

  it('keeps the order of snapshots although a clock was off by an hour', function () {
    if (!installed('faketime')) this.skip();
    box.write({ 'documents/a': 'a' });
    const ids = [box.backup('documents').id];
    box.write({ 'documents/a': 'b' });
    const late = box.run(['faketime', '-f', '-1h', process.execPath, CLI, 'backup', 'documents', '--json']);
    ids.push((JSON.parse(late.stdout) as { snapshots: { id: string }[] }).snapshots[0]?.id ?? '');
    ids.push(snapshot({ a: 'c' }));
    assert.deepEqual(box.ids(), ids);
    const behind = box.run(['faketime', '-f', '-1h', process.execPath, CLI, 'offsite', 'push'], box.there.env);
    assert.equal(behind.status, 0, behind.stderr);
    assert.deepEqual(box.push(), []);
    box.lose();
    recover(0);
    isBack(...ids);
  });

  it('makes nothing outside of the tree, whatever a manifest says', () => {
    const [leaving, linking] = [snapshot({ a: 'a', 'sub/b': 'b' }), snapshot({ a: 'c' })];
    const forge = (id: string, forged: (lineOfA: string) => { beside?: string; below: string }): void => {
      const text = gunzipSync(readFileSync(box.manifest(id))).toString('latin1');
      const line = text.split('\n').find(one => one.startsWith('./a ')) ?? '';
      const { beside = '', below } = forged(line);
      const changed = `${text.replace(line, `${line}${beside}`)}${below}\n`;
      writeFileSync(box.manifest(id), gzipSync(Buffer.from(changed, 'latin1')));
    };
    forge(leaving, line => ({ below: line.replace('./a ', './../../evil ') }));
    forge(linking, line => ({
      beside: `\n./out type=link mode=0777 uid=0 gid=0 time=1700000000.000000000 link=${box.dir}`,
      below: line.replace('./a ', './out/evil '),
    }));
    box.push();
    box.lose();
    const { errors } = recover(3);
    assert.deepEqual(
      errors.map(({ path }) => path),
      [`${linking}/out/evil`, leaving],
    );
    for (const folder of [box.dir, box.root]) assert.equal(existsSync(join(folder, 'evil')), false);
    assertSameTrees(box.path('was', linking, 'sub'), join(box.root, linking, 'sub'));
    assert.deepEqual(box.ids(), [linking]);
    assert.deepEqual(readdirSync(join(box.root, '.phlb', 'partial')), []);
  });

  it('takes nothing from outside of the copy, whatever somebody has put into the repository', () => {
    const id = snapshot({ 'sub/b': 'the same inside and outside' });
    box.push();
    box.write({ 'outside/b': 'the same inside and outside', 'evil/': '' });
    symlinkSync(box.path('outside'), box.path('evil', 'sub'));
    const [{ hostname = '' } = {}] = JSON.parse(restic(box.there, ['snapshots', '--json'])) as { hostname: string }[];
    restic(box.there, ['backup', '--host', hostname, '--tag', `phlb,phlb:${id}`, '.'], box.path('evil'));
    box.lose();
    assert.deepEqual(
      recover(3).errors.map(({ path, code }) => [path, code]),
      [[`${id}/sub/b`, 'ELOST']],
    );
    assert.equal(readFileSync(box.path('outside', 'b'), 'utf8'), 'the same inside and outside');
  });

  it('links nothing to a file outside, of which a manifest here says that it is in a snapshot', () => {
    box.write({ 'outside/evil': 'content', 'documents/': '' });
    symlinkSync(box.path('outside'), box.path('documents', 'out'));
    const first = snapshot({ a: 'a' });
    const second = snapshot({ b: 'content' });
    box.push();
    const line = (id: string): string => gunzipSync(readFileSync(box.manifest(id))).toString('latin1');
    const forged = (/^\.\/b .*$/m.exec(line(second))?.[0] ?? '').replace('./b ', './out/evil ');
    writeFileSync(box.manifest(first), gzipSync(Buffer.from(`${line(first)}${forged}\n`, 'latin1')));
    box.run(['touch', '-r', join(box.root, second, 'b'), box.path('outside', 'evil')]);
    rmSync(join(box.root, second), { recursive: true });
    assert.equal(recover(0).fetchedBytes, 'content'.length);
    assert.equal(statSync(box.path('outside', 'evil')).nlink, 1);
  });

  it('names a snapshot whose manifest makes no sense, and brings the others back', () => {
    const bad = snapshot({ a: 'a' });
    const good = snapshot({ a: 'b' });
    writeFileSync(box.manifest(bad), 'nonsense');
    box.push();
    box.lose();
    const { snapshots, errors } = recover(3);
    assert.equal(snapshots, 1);
    assert.deepEqual(
      errors.map(({ path, code }) => [path, code]),
      [[bad, 'damaged']],
    );
    isBack(good);
  });

  describe('goes by what stays there', () => {
    it('when copies are forgotten: by the rules of prune, pinned ones never, deleted ones here are known still', () => {
      const ids = ['one', 'two', 'three', 'four'].map(text => snapshot({ a: text }));
      box.phlb('pin', ids[0] ?? '');
      box.push();
      box.phlb('delete', ids[1] ?? '');
      box.push();
      assert.deepEqual(box.copies(), ids, 'deleting here deletes nothing there');
      const asked = JSON.parse(box.offsite('forget', '--keep-last', '2', '--dry-run', '--json')) as Forgotten;
      assert.deepEqual(box.copies(), ids);
      const done = JSON.parse(box.offsite('forget', '--keep-last', '2', '--json')) as Forgotten;
      assert.deepEqual(done.deleted, [ids[1]]);
      assert.deepEqual(asked.deleted, done.deleted);
      assert.deepEqual(done.kept, [
        { id: ids[0], reasons: ['pinned'] },
        { id: ids[2], reasons: ['last'] },
        { id: ids[3], reasons: ['last'] },
      ]);
      assert.ok(done.freedBytes > 0);
      restic(box.there, ['check', '--read-data']);
      assert.deepEqual(box.copies(), [ids[0], ids[2], ids[3]]);
      assert.deepEqual(JSON.parse(box.offsite('forget', '--json')).deleted, [], 'without a rule nothing goes');
    });

    it('also a snapshot that was deleted here long ago', () => {
      const old = snapshot({ a: 'one' });
      box.push();
      const kept = snapshot({ a: 'two' });
      box.run(['cp', '-a', box.root, box.path('was')]);
      box.phlb('delete', old);
      box.push();
      rmSync(box.root, { recursive: true });
      rmSync(box.state, { recursive: true });
      assert.equal(recover(0).snapshots, 2);
      isBack(old, kept);
    });

    it('and what was purged is told, and leaves the repository when it is asked to', () => {
      const ids = [snapshot({ a: 'a', secret: 'the word of mouth' }), snapshot({ a: 'b' })];
      box.push();
      const told = box.phlbWith(box.there.env, 'purge', 'secret', '--yes');
      assert.match(
        told.stdout,
        new RegExp(`Copies off this machine hold it still \\(--offsite deletes them\\): ${ids[0]}, ${ids[1]}`),
      );
      assert.deepEqual(box.copies(), ids);
      box.write({ 'documents/secret2': 'another one' });
      const third = snapshot({});
      box.push();
      const gone = box.phlbWith(box.there.env, 'purge', 'secret2', '--yes', '--offsite', '--json');
      assert.equal(gone.status, 0, gone.stderr);
      assert.deepEqual((JSON.parse(gone.stdout) as { offsite: object }).offsite, { held: [], deleted: [third] });
      assert.deepEqual(box.copies(), ids);
      assert.deepEqual(box.push(), [third]);
      const files = restic(box.there, ['find', 'secret2']);
      assert.equal(files, '');
    });
  });
});

interface Recovered {
  snapshots: number;
  fetchedBytes: number;
  linkedFiles: number;
  errors: { path: string; code: string }[];
}

interface Forgotten {
  kept: { id: string; reasons: string[] }[];
  deleted: string[];
  freedBytes: number;
}
