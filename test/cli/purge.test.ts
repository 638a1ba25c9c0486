import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import initSqlJs from 'sql.js';
import { assertManifestTells, assertMtreeAgrees, assertSameTrees } from '../support/judges.js';
import { Sandbox, type Published } from '../support/sandbox.js';
import { inventory, toBytes } from '../support/trees.js';

interface Purged {
  removed: { snapshot: string; path: string }[];
  freedBytes: number;
  dryRun: boolean;
}

const SECRET = 'correct horse battery staple';

describe('phlb purge', () => {
  let box: Sandbox;
  let source: string;
  let snapshots: Published[];

  beforeEach(() => {
    box = new Sandbox();
    source = box.path('documents');
    box.write({
      'documents/keep.txt': 'kept',
      'documents/secret.txt': SECRET,
      'documents/sub/.hidden/secret.txt': SECRET,
      'documents/sub/twin.txt': SECRET,
      'documents/huge/one.bin': '1'.repeat(5000),
      'documents/huge/deep/two.bin': '2'.repeat(3000),
    });
    const first = box.backup(source);
    box.write({ 'documents/later.txt': 'later' });
    snapshots = [first, box.backup(source)];
  });
  afterEach(() => box.dispose());

  it('only tells what it would remove, without --yes', () => {
    const before = snapshots.map(({ path }) => [...inventory(path).keys()]);
    const told = box.json<Purged>(0, 'purge', 'secret.txt');
    assert.deepEqual([told.dryRun, told.freedBytes], [true, 0]);
    assert.deepEqual(names(told), ofBoth('secret.txt', 'sub/.hidden/secret.txt'));
    assert.match(box.phlb('purge', 'secret.txt').stdout, /nothing was removed: add --yes to do it\n$/);
    assert.deepEqual(
      snapshots.map(({ path }) => [...inventory(path).keys()]),
      before,
    );
    box.json(0, 'verify');
  });

  it('takes a secret out of every snapshot and manifest, and leaves all else as it was', () => {
    const times = timesOf();
    const told = box.json<Purged>(0, 'purge', '{secret,twin}.txt', '--yes');
    assert.deepEqual(names(told), ofBoth('secret.txt', 'sub/.hidden/secret.txt', 'sub/twin.txt'));
    assert.deepEqual([told.dryRun, told.freedBytes], [false, SECRET.length]);
    assertNowhere(SECRET);
    const gone = (name: string): boolean => /(secret|twin)\.txt$/.test(name);
    assert.deepEqual(
      timesOf(),
      times.filter(([name]) => !gone(name)),
      'the folders keep their times',
    );
    assertClean();
    const [first] = snapshots;
    const { counts, changes, revision } = record(first?.id ?? '');
    assert.deepEqual(
      [counts['files'], counts['copiedFiles'], counts['linkedFiles'], counts['bytes'], counts['copiedBytes']],
      [3, 3, 0, 8004, 8004],
    );
    assert.equal(revision, 1);
    assert.deepEqual(
      changes.map(({ kind, paths }) => [kind, paths]),
      [['purge', ['secret.txt', 'sub/.hidden/secret.txt', 'sub/twin.txt']]],
    );
    const second = record(snapshots[1]?.id ?? '').counts;
    assert.equal(
      second['files'],
      (second['unchangedFiles'] ?? 0) + (second['linkedFiles'] ?? 0) + (second['copiedFiles'] ?? 0),
    );
    assert.equal(second['copiedFiles'], 1);
  });

  it('takes a folder with all that is below it, and frees what no other name holds', () => {
    const dry = box.json<Purged>(0, 'purge', 'huge/');
    const told = box.json<Purged>(0, 'purge', 'huge/', '--yes');
    assert.deepEqual({ ...told, dryRun: true }, dry);
    assert.deepEqual(names(told), ofBoth('huge', 'huge/deep', 'huge/deep/two.bin', 'huge/one.bin'));
    assert.equal(told.freedBytes, 8000);
    assertClean();
    rmSync(join(source, 'huge'), { recursive: true });
    assertSameTrees(source, snapshots[1]?.path ?? '');
    assertManifestTells(box.manifest(snapshots[1]?.id ?? ''), inventoryWithSourceRoot());
  });

  it('with a slash matches from the top only', () => {
    assert.deepEqual(names(box.json<Purged>(0, 'purge', './secret.txt')), ofBoth('secret.txt'));
    assert.deepEqual(names(box.json<Purged>(0, 'purge', '/secret.txt')), ofBoth('secret.txt'));
    assert.deepEqual(names(box.json<Purged>(0, 'purge', '**/deep/*')), ofBoth('huge/deep/two.bin'));
    assert.deepEqual(names(box.json<Purged>(0, 'purge', 'one.txt')), []);
  });

  it('keeps a file that another name still holds', () => {
    const told = box.json<Purged>(0, 'purge', 'secret.txt', '--yes');
    assert.equal(told.freedBytes, 0);
    for (const { path } of snapshots) assert.equal(readFileSync(join(path, 'sub/twin.txt'), 'utf8'), SECRET);
    assertClean();
  });

  it('takes safety snapshots and pinned ones too', () => {
    writeFileSync(join(source, 'secret.txt'), `${SECRET}, twice`);
    const { safetySnapshot } = box.json<{ safetySnapshot: string }>(
      0,
      ...['restore', snapshots[0]?.id ?? '', 'secret.txt'],
    );
    assert.equal(box.phlb('pin', snapshots[0]?.id ?? '').status, 0);
    const told = box.json<Purged>(0, 'purge', 'secret.txt', '--yes');
    assert.ok(names(told).includes(`${safetySnapshot} secret.txt`));
    assertNowhere(`${SECRET}, twice`);
    assertClean();
  });

  it('is heard of by the index, so that nothing is linked to what is gone', () => {
    box.json(0, 'purge', '{secret,twin}.txt', '--yes');
    assert.deepEqual(box.json(0, 'find', 'secret.txt'), { matches: [] });
    const next = box.backup(source);
    assert.deepEqual([next.damaged, next.copiedFiles], [[], 1]);
    assertSameTrees(source, next.path);
    assertClean();
  });

  it('is heard of by an index that an older PHLB has written', async () => {
    box.json(0, 'find', '*');
    const [file = ''] = box.indexFiles();
    const index = join(box.state, 'index', file);
    const { Database } = await initSqlJs();
    const db = new Database(readFileSync(index));
    db.run('ALTER TABLE snapshot DROP COLUMN revision; PRAGMA user_version = 1');
    const bytes = db.export();
    db.close();
    writeFileSync(index, bytes);
    writeFileSync(`${index}.sha256`, createHash('sha256').update(bytes).digest('hex'));
    assert.equal(box.json<{ matches: unknown[] }>(0, 'find', 'secret.txt').matches.length, 2);
    box.json(0, 'purge', 'secret.txt', '--yes');
    assert.deepEqual(box.json(0, 'find', 'secret.txt'), { matches: [] });
  });

  it('completes what a purge has begun that died before, between and after its steps', () => {
    const id = snapshots[0]?.id ?? '';
    const before = { record: readFileSync(recordFile(id)), manifest: readFileSync(box.manifest(id)) };
    box.json(0, 'purge', '{secret,twin}.txt', '--yes');
    const done = record(id).counts;
    // The files are gone; neither record nor manifest says so.
    writeFileSync(recordFile(id), before.record);
    writeFileSync(box.manifest(id), before.manifest);
    leftover();
    assert.equal(box.json<Purged>(0, 'purge', '{secret,twin}.txt', '--yes').removed.length, 3);
    assert.deepEqual(record(id).counts, done);
    assertClean();
    // The record says so, the manifest does not.
    writeFileSync(box.manifest(id), before.manifest);
    box.json(0, 'purge', '{secret,twin}.txt', '--yes');
    assert.deepEqual(record(id).counts, done);
    assertClean();
    // Nothing is left to be done but the rest of its files.
    leftover();
    assert.deepEqual(box.json<Purged>(0, 'purge', '{secret,twin}.txt', '--yes').removed, []);
    assertNowhere(SECRET);
  });

  it('of links or folders alone that died is not counted twice, else the record says less than nothing and is refused', () => {
    box.write({ 'documents/gone/': '' });
    symlinkSync('nowhere', box.path('documents/gone.lnk'));
    const { id } = box.backup(box.path('documents'));
    const manifest = readFileSync(box.manifest(id));
    for (const glob of ['gone', 'gone.lnk']) box.json(0, 'purge', glob, '--yes');
    const done = record(id).counts;
    for (const glob of ['gone', 'gone.lnk']) {
      // The record says so, the manifest does not.
      writeFileSync(box.manifest(id), manifest);
      box.json(0, 'purge', glob, '--yes');
    }
    assert.deepEqual(record(id).counts, done);
    assert.ok(Object.values(done).every(count => count >= 0));
  });

  it('leaves alone, and names, what it must not or cannot change', () => {
    const [first, second] = snapshots.map(({ id }) => id);
    const adopted = { ...record(first ?? ''), adopted: 'sha512' };
    writeFileSync(recordFile(first ?? ''), JSON.stringify(adopted));
    writeFileSync(
      box.manifest(second ?? ''),
      gzipSync(gunzipSync(readFileSync(box.manifest(second ?? ''))).subarray(9)),
    );
    const { status, stderr } = box.phlb('purge', 'secret.txt', '--yes');
    assert.equal(status, 3);
    assert.match(stderr, new RegExp(`Left alone: ${first}: .*never altered`));
    assert.match(stderr, new RegExp(`Left alone: ${second}: .*cannot be read`));
    for (const { path } of snapshots) assert.ok(existsSync(join(path, 'secret.txt')));
  });

  it('refuses what is no glob', () => {
    for (const glob of ['/', './', '.', '..', 'x'.repeat(70_000)]) {
      assert.equal(box.phlb('purge', glob).status, 2, glob.slice(0, 9));
    }
    assert.equal(box.phlb('purge').status, 2);
  });

  it('finds names whatever bytes they hold', () => {
    const odd = Buffer.concat([Buffer.from(`${source}/sub/caf`), Buffer.from([0xe9]), Buffer.from(' *[x]\n.key')]);
    writeFileSync(odd, SECRET);
    const { id, path } = box.backup(source);
    const told = box.json<{ removed: { snapshot: string; pathBase64?: string }[] }>(0, 'purge', '*.key', '--yes');
    assert.deepEqual(
      told.removed.map(one => [one.snapshot, Buffer.from(one.pathBase64 ?? '', 'base64').toString('latin1')]),
      [[id, 'sub/caf\xe9 *[x]\n.key']],
    );
    assert.ok(![...inventory(path).keys()].some(name => name.endsWith('.key')));
    box.json(0, 'verify');
  });

  function ofBoth(...paths: string[]): string[] {
    return snapshots.flatMap(({ id }) => paths.map(path => `${id} ${path}`)).sort();
  }

  function names({ removed }: Purged): string[] {
    return removed.map(({ snapshot, path }) => `${snapshot} ${path}`).sort();
  }

  function recordFile(id: string): string {
    return join(box.root, '.phlb/manifests', `${id}.json`);
  }

  function record(id: string): {
    counts: Record<string, number>;
    revision: number;
    changes: { kind: string; paths: string[] }[];
  } {
    return JSON.parse(readFileSync(recordFile(id), 'utf8')) as ReturnType<typeof record>;
  }

  function timesOf(): [string, bigint][] {
    return snapshots.flatMap(({ path }) =>
      [...inventory(path)].map(([name, { mtime }]): [string, bigint] => [name, mtime]),
    );
  }

  // The source's own folder has another time since something was removed from it.
  function inventoryWithSourceRoot(): ReturnType<typeof inventory> {
    const nodes = inventory(source);
    const root = nodes.get('');
    const line = gunzipSync(readFileSync(box.manifest(snapshots[1]?.id ?? ''))).toString('latin1');
    const [, seconds = '', fraction = ''] = /^\. .* time=(\d+)\.(\d{9})/m.exec(line) ?? [];
    if (root) nodes.set('', { ...root, mtime: BigInt(seconds + fraction) });
    return nodes;
  }

  function leftover(): void {
    box.write({ [`${toBytes('home/PyHardLinkBackups/.phlb/partial/dead-purged/1')}`]: SECRET });
  }

  function assertNowhere(text: string): void {
    const { stdout } = spawnSync('grep', ['-rl', '--', text, box.root], { encoding: 'utf8' });
    assert.equal(stdout, '');
  }

  function assertClean(): void {
    assert.deepEqual(box.json<{ damaged: unknown[] }>(0, 'verify').damaged, []);
    for (const { id, path } of snapshots) assertMtreeAgrees(box.manifest(id), path);
    assert.deepEqual(readdirSync(join(box.root, '.phlb/partial')), []);
  }
});
