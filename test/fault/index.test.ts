import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Progress } from '../../src/engine/words/model.js';
import type { EngineClient } from '../../src/worker/client.js';
import { locationOf, startEngine } from '../support/engine.js';
import { installed } from '../support/judges.js';
import { Sandbox, type Published } from '../support/sandbox.js';
import { moveAnew } from '../support/trees.js';
import { DAMAGE, offsetsIn } from './support/damage.js';
import { must } from './support/ground.js';

describe('The index', () => {
  let box: Sandbox;
  let source: string;

  beforeEach(() => {
    box = new Sandbox();
    source = box.path('documents');
    box.write({ 'documents/a.txt': 'first', 'documents/sub/b.txt': 'second', 'documents/sub/c.txt': 'third' });
  });
  afterEach(() => box.dispose());

  const accidents: Record<string, (file: string) => void> = {
    deleted: file => rmSync(file),
    'deleted with its folder': file => rmSync(join(file, '..'), { recursive: true }),
    'cut off': file => truncateSync(file, 5000),
    'of garbage': file => writeFileSync(file, 'garbage '.repeat(2000)),
    'without its digest': file => truncateSync(file, statSync(file).size - 32),
    'of garbage whose digest is right': file => withDigest(file, Buffer.from('garbage '.repeat(2000))),
    'cut off at a page, its digest right': file => withDigest(file, readFileSync(file).subarray(0, 8192)),
    'of a newer PHLB': file => withSql(file, 'PRAGMA user_version = 99'),
    'of this version but without its tables': file => withSql(file, 'DROP TABLE entry; DROP TABLE snapshot'),
    'of this version with other columns': file => withSql(file, 'ALTER TABLE entry RENAME COLUMN content TO contents'),
  };
  for (const [how, damage] of Object.entries(accidents)) {
    it(`${how}: moved files are found all the same, and nobody hears of it`, function () {
      if (!installed('sqlite3')) return this.skip();
      box.backup(source);
      takeIn();
      // What the last snapshot holds is found through its manifest.
      const away = box.path('away');
      moveAnew(join(source, 'sub'), away);
      box.backup(source);
      damage(databaseFile());
      moveAnew(away, join(source, 'moved'));
      const { status, stderr } = box.phlb('backup', 'documents', '--quiet');
      assert.deepEqual([status, stderr], [0, '']);
      moveAnew(join(source, 'moved'), join(source, 'moved again'));
      const next = box.backup(source);
      assert.deepEqual([next.copiedFiles, next.files], [0, 3]);
      const copied = box
        .json<{ sources: { snapshots: { copiedBytes: number }[] }[] }>(0, 'list')
        .sources[0]?.snapshots.map(({ copiedBytes }) => copiedBytes);
      assert.deepEqual(copied, [16, 0, 0, 0]);
      assert.equal(must('sqlite3', databaseFile(), 'PRAGMA integrity_check').trim(), 'ok');
    });
  }

  it('damaged at any place, in any way, gives the same answers', async () => {
    const engine = startEngine();
    try {
      for (let n = 0; n < 300; n++) box.write({ [`documents/many/${n}`]: `file ${n}` });
      box.backup(source);
      const location = locationOf(box);
      const answers = async (): Promise<unknown> => [
        await engine.call('find', { location, glob: '*1*' }),
        await engine.call('versions', { location, file: join(source, 'many/17') }),
      ];
      const expected = await answers();
      const whole = readFileSync(databaseFile());
      assert.ok(whole.length > 16 * 4096);
      for (const offset of offsetsIn(whole.length)) {
        for (const [how, damage] of Object.entries(DAMAGE)) {
          writeFileSync(databaseFile(), damage(whole, offset));
          assert.deepEqual(await answers(), expected, `${how} at ${offset}`);
        }
      }
      // The damage of the last round is still there.
      moveAnew(join(source, 'many'), join(source, 'moved'));
      assert.equal(box.backup(source).copiedFiles, 0);
    } finally {
      await engine.dispose();
    }
  });

  it('beside it, damaged at any place, in any way, costs no content its link', () => {
    box.backup(source);
    const away = box.path('away');
    moveAnew(join(source, 'sub'), away);
    box.backup(source);
    const [name = ''] = readdirSync(join(box.state, 'index'));
    assert.match(name, /\.contents$/);
    const file = join(box.state, 'index', name);
    const whole = readFileSync(file);
    for (const offset of offsetsIn(whole.length)) {
      for (const [how, damage] of Object.entries(DAMAGE)) {
        moveAnew(away, join(source, 'sub'));
        writeFileSync(file, damage(whole, offset));
        const { path, copiedFiles } = box.backup(source);
        assert.equal(copiedFiles, 0, `${how} at ${offset}`);
        rmSync(path, { recursive: true });
        moveAnew(join(source, 'sub'), away);
      }
    }
  });

  it('beside it, made anew, knows files of every mode', () => {
    const modes = [0o644, 0o4755, 0o2755, 0o1644, 0o7777];
    for (const mode of modes) {
      box.write({ [`documents/${mode}`]: `of mode ${mode}` });
      chmodSync(join(source, `${mode}`), mode);
    }
    box.backup(source);
    rmSync(join(box.state, 'index'), { recursive: true });
    for (const mode of modes) {
      box.write({ [`documents/again/${mode}`]: `of mode ${mode}` });
      chmodSync(join(source, 'again', `${mode}`), mode);
    }
    assert.equal(box.backup(source).copiedFiles, 0);
  });

  it('takes in what waits for it before whoever asks would have to wait long', async () => {
    for (let n = 0; n < 45; n++) {
      box.write({ 'documents/a.txt': `${n}` });
      box.backup(source);
    }
    const engine = startEngine();
    try {
      let takenIn = 0;
      const onProgress = ({ phase, detail }: Progress): void => void (phase === 'indexing' && detail && takenIn++);
      await engine.call('find', { location: locationOf(box), glob: '*.txt' }, { onProgress });
      assert.equal(takenIn, 5);
    } finally {
      await engine.dispose();
    }
  });

  it('is not made with a snapshot, which would wait for it, but when it is first asked', function () {
    if (!installed('sqlite3')) return this.skip();
    box.backup(source);
    box.write({ 'documents/d.txt': 'new', 'documents/copy.txt': 'first' });
    assert.equal(box.backup(source).copiedFiles, 1);
    assert.deepEqual(box.indexFiles(), []);
    takeIn();
    assert.equal(entries(), 6);
  });

  it('knows what stands in the newest snapshot after the one behind it was removed by hand', function () {
    if (!installed('sqlite3')) return this.skip();
    box.backup(source);
    const second = box.backup(source, '--exclude', '**/b.txt');
    takeIn();
    rmSync(second.path, { recursive: true });
    writeFileSync(join(source, 'a.txt'), 'another');
    const third = box.backup(source, '--exclude', '**/nothing');
    assert.deepEqual([third.copiedFiles, third.files], [1, 3]);
    takeIn();
    const names = 'SELECT name FROM entry WHERE last IS NULL ORDER BY name';
    assert.deepEqual(must('sqlite3', databaseFile(), names).trim().split('\n'), ['a.txt', 'b.txt', 'c.txt', 'sub']);
  });

  it('that cannot be written costs no snapshot', () => {
    writeFileSync(box.path('file'), '');
    box.backup(source, '--index', 'file/index');
    moveAnew(join(source, 'sub'), join(source, 'moved'));
    const { status, stderr } = box.phlb('backup', 'documents', '--index', 'file/index');
    assert.equal(status, 0, stderr);
    assert.match(stderr, /^phlb: The index cannot be written[^\n]*\n$/);
    assert.equal(box.ids().length, 2);
    moveAnew(join(source, 'moved'), join(source, 'moved again'));
    const moved = box.backup(source, '--index', 'file/index');
    assert.equal(moved.copiedFiles, 0, 'and the content is found again');
  });

  it('grows with what changes, not with snapshots', function () {
    if (!installed('sqlite3')) return this.skip();
    box.backup(source);
    takeIn();
    const rows = entries();
    assert.equal(rows, 4);
    for (let i = 0; i < 3; i++) box.backup(source, '--checksum');
    takeIn();
    assert.equal(entries(), rows);
    writeFileSync(join(source, 'a.txt'), 'another');
    box.backup(source);
    takeIn();
    assert.equal(entries(), rows + 1);
    box.backup(source, '--checksum');
    takeIn();
    assert.equal(entries(), rows + 1);
    rmSync(join(source, 'sub/b.txt'));
    box.backup(source);
    takeIn();
    assert.equal(entries(), rows + 1, 'what has gone takes no row');
    assert.equal(must('sqlite3', databaseFile(), 'SELECT count(*) FROM snapshot').trim(), '7');
  });

  it('takes in what another host has stored, and forgets what was removed by hand', function () {
    if (!installed('sqlite3')) return this.skip();
    box.backup(source);
    box.write({ 'other/d.txt': 'only there' });
    const other = ['backup', 'other', '--index', box.path('their-index')];
    assert.equal(box.run([process.execPath, ...cli(), ...other], { PHLB_HOST: 'theirs' }).status, 0);
    box.write({ 'documents/d.txt': 'only there' });
    const next = box.backup(source);
    assert.deepEqual([next.copiedFiles, next.files], [0, 4], 'linked to what the other has stored');
    assert.deepEqual(stamps().length, 3);

    rmSync(join(box.root, 'other'), { recursive: true });
    rmSync(join(source, 'd.txt'));
    box.backup(source);
    rmSync(next.path, { recursive: true });
    box.write({ 'documents/d.txt': 'only there' });
    const again = box.backup(source);
    assert.deepEqual([again.copiedFiles, again.damaged], [1, []], 'gone is gone, and no damage');
    assert.deepEqual(
      stamps(),
      box.ids().map(id => id.split('/')[1]),
    );
    assert.equal(must('sqlite3', databaseFile(), "SELECT count(*) FROM source WHERE name = 'other'").trim(), '0');
  });

  describe('of a source with a manifest that cannot be understood', () => {
    let engine: EngineClient;
    let first: Published;

    beforeEach(() => {
      engine = startEngine();
      first = box.backup(source);
      box.write({ 'documents/d.txt': 'fourth' });
      box.backup(source);
      box.write({ 'documents/e.txt': 'fifth' });
      box.backup(source);
      copyFileSync(box.manifest(first.id), box.path('whole'));
      // A new computer: nothing is known yet.
      rmSync(join(box.state, 'index'), { recursive: true, force: true });
    });
    afterEach(() => engine.dispose());

    // How many manifests were taken in for an answer.
    const asked = async (): Promise<{ takenIn: number; unreadable: string[]; paths: string[] }> => {
      let takenIn = 0;
      const onProgress = ({ phase, detail }: Progress): void => void (phase === 'indexing' && detail && takenIn++);
      const { unreadable, matches } = await engine.call(
        'find',
        { location: locationOf(box), glob: '*.txt' },
        { onProgress },
      );
      return { takenIn, unreadable, paths: matches.map(({ path }) => path) };
    };

    const NAMES = ['a.txt', 'd.txt', 'e.txt', 'sub/b.txt', 'sub/c.txt'];
    const BAD: Record<string, (file: string) => void> = {
      'of garbage': file => writeFileSync(file, 'garbage'),
      'cut off': file => truncateSync(file, 40),
      missing: file => rmSync(file),
      'with a name twice': file => edit(file, text => text.replace(/^\.\/a\.txt.*\n/m, '$&$&')),
      'with nonsense in a line': file => edit(file, text => text.replace('./a.txt type=file', './a.txt type=whale')),
    };
    for (const [how, damage] of Object.entries(BAD)) {
      it(`${how}: the work is done once, until it is mended`, async () => {
        damage(box.manifest(first.id));
        const told = await asked();
        assert.deepEqual(told, { takenIn: 3, unreadable: [first.id], paths: NAMES });
        assert.deepEqual(await asked(), { ...told, takenIn: 0 });
        // A new snapshot is all that is taken in then.
        box.write({ 'documents/f.txt': 'sixth' });
        box.backup(source);
        const later = await asked();
        assert.ok(later.takenIn <= 1);
        assert.deepEqual([later.unreadable, later.paths], [[first.id], [...NAMES, 'f.txt'].sort(byPath)]);
        copyFileSync(box.path('whole'), box.manifest(first.id));
        const mended = await asked();
        assert.deepEqual([mended.takenIn, mended.unreadable], [4, []]);
        assert.equal((await asked()).takenIn, 0);
        // Mended by PHLB, and gone by hand.
        damage(box.manifest(first.id));
        box.json(0, 'rebuild', '--rehash');
        assert.deepEqual((await asked()).unreadable, []);
      });
    }

    it('forgets it with the snapshot', async () => {
      writeFileSync(box.manifest(first.id), 'garbage');
      await asked();
      rmSync(first.path, { recursive: true });
      assert.deepEqual((await asked()).unreadable, []);
      if (installed('sqlite3'))
        assert.equal(must('sqlite3', databaseFile(), 'SELECT count(*) FROM unreadable').trim(), '0');
    });
  });

  it('is read as one, by whomever and whenever two others write it in turn', async function () {
    if (!installed('sqlite3')) return this.skip();
    box.backup(source);
    takeIn();
    const engine = startEngine();
    const writers = [1, 2].map(() => box.start('rebuild'));
    let left = writers.length;
    for (const writer of writers) writer.on('exit', () => left--);
    try {
      let reads = 0;
      let rounds = 0;
      for (const end = Date.now() + 60_000; rounds < 6 && Date.now() < end;) {
        const folder = join(box.state, 'index');
        const name = readdirSync(folder).find(file => file.endsWith('.sqlite'));
        // `rebuild` begins by removing it.
        const bytes = name === undefined ? undefined : readIfThere(join(folder, name));
        if (bytes) {
          reads++;
          const sealed = bytes.subarray(0, -44);
          assert.equal(bytes.subarray(-44, -32).toString(), 'phlb sha256 ');
          assert.deepEqual(createHash('sha256').update(sealed).digest(), bytes.subarray(-32));
        }
        assert.ok(!existsSync(join(folder, `${name}.sha256`)), 'no second file that could be another one’s');
        if (left === 0) {
          rounds++;
          left = 2;
          for (const writer of [1, 2].map(() => box.start('rebuild'))) writer.on('exit', () => left--);
        }
        const { matches } = await engine.call('find', { location: locationOf(box), glob: '*.txt' });
        assert.equal(matches.length, 3);
      }
      assert.ok(reads > 5 && rounds === 6);
    } finally {
      await engine.dispose();
    }
    assert.equal(must('sqlite3', databaseFile(), 'PRAGMA integrity_check').trim(), 'ok');
  });

  it('that an older PHLB has left in two files is taken over as it is', async () => {
    box.backup(source);
    takeIn();
    const file = databaseFile();
    withDigest(file, readFileSync(file).subarray(0, -44));
    const engine = startEngine();
    try {
      let takenIn = 0;
      const onProgress = ({ phase, detail }: Progress): void => void (phase === 'indexing' && detail && takenIn++);
      await engine.call('find', { location: locationOf(box), glob: '*.txt' }, { onProgress });
      assert.equal(takenIn, 0);
    } finally {
      await engine.dispose();
    }
    box.backup(source);
    takeIn();
    assert.ok(!existsSync(`${file}.sha256`));
  });

  it('is left whole, without drafts, by a run that is killed while it is saved', () => {
    box.backup(source);
    takeIn();
    const folder = join(box.state, 'index');
    const [name = ''] = readdirSync(folder);
    for (const what of ['sqlite', 'contents']) {
      writeFileSync(join(folder, `${name.split('.')[0]}.${what}.0123456789ab.new`), 'half');
    }
    writeFileSync(join(folder, 'other.sqlite.0123456789ab.new'), "another store's");
    box.write({ 'documents/d.txt': 'fourth' });
    box.backup(source);
    assert.deepEqual(
      readdirSync(folder).filter(file => file.endsWith('.new')),
      ['other.sqlite.0123456789ab.new'],
    );
  });

  function databaseFile(): string {
    const folder = join(box.state, 'index');
    const name = readdirSync(folder).find(file => file.endsWith('.sqlite'));
    assert.ok(name !== undefined && existsSync(folder));
    return join(folder, name);
  }

  function takeIn(): void {
    assert.equal(box.phlb('find', '*.txt').status, 0);
  }

  function entries(): number {
    return Number(must('sqlite3', databaseFile(), 'SELECT count(*) FROM entry'));
  }

  function stamps(): (string | undefined)[] {
    return must('sqlite3', databaseFile(), 'SELECT stamp FROM snapshot ORDER BY sequence').trim().split('\n');
  }
});

function cli(): string[] {
  return [join(process.cwd(), 'dist/cli.js')];
}

function withDigest(file: string, bytes: Buffer): void {
  writeFileSync(file, bytes);
  writeFileSync(`${file}.sha256`, `${createHash('sha256').update(bytes).digest('hex')}\n`);
}

function edit(file: string, change: (text: string) => string): void {
  const text = gunzipSync(readFileSync(file)).toString('latin1');
  const changed = change(text);
  assert.notEqual(changed, text);
  writeFileSync(file, gzipSync(Buffer.from(changed, 'latin1')));
}

function byPath(a: string, b: string): number {
  return a < b ? -1 : 1;
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ENOENT');
    return undefined;
  }
}

function withSql(file: string, sql: string): void {
  must('sqlite3', file, sql);
  withDigest(file, readFileSync(file));
}
