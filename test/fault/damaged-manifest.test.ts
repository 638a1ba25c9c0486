import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { PhlbError } from '../../src/engine/words/errors.js';
import { elapse } from '../support/elapse.js';
import { locationOf, startEngine } from '../support/engine.js';
import { assertSameTrees, sameInode } from '../support/judges.js';
import { CLI, Sandbox, type Published } from '../support/sandbox.js';
import { DAMAGE, offsetsIn } from './support/damage.js';

interface Listed {
  sources: { snapshots: { id: string; errors: number; problem?: string }[] }[];
}

/** Nothing of these can be understood. */
const UNREADABLE: Record<string, (file: string) => void> = {
  missing: file => rmSync(file),
  empty: file => truncateSync(file, 0),
  'cut off': file => truncateSync(file, readFileSync(file).length - 9),
  'of zeros': file => writeFileSync(file, Buffer.alloc(500)),
  'with one bit turned': file => {
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 4;
    writeFileSync(file, bytes);
  },
  'of another program': file => writeFileSync(file, gzipSync('#mtree\n/set type=file\n. type=dir\n')),
  'that names a folder twice': file =>
    edit(file, text => `${text}./sub/z type=dir mode=0755 uid=0 gid=0 time=1.000000000\n${lastLine(text, './zz')}`),
};

/** Single lines that make no sense, in a file that is whole for gzip. */
const NONSENSE: Record<string, (text: string) => string> = {
  'a hash that is none': text => text.replace(/sha256=../, 'sha256=zz'),
  'a type that is none': text => text.replace('./a.txt type=file', './a.txt type=whale'),
  'a time that is none': text => text.replace(/(a\.txt.*) time=[\d.]+/, '$1 time=yesterday'),
  'an endless number': text => text.replace(/(a\.txt.*) size=\d+/, `$1 size=${'9'.repeat(400)}`),
  'escapes that are none': text => text.replace('./a.txt', './a\\9zz'),
  'a path that leaves the source': text => text.replace('./sub/b.txt', './sub/../../b'),
  'a line twice': text => text.replace(/^\.\/a\.txt.*\n/m, '$&$&'),
  'lines in another order': text => text.replace(/^(\.\/a\.txt.*\n)(\.\/large.*\n)/m, '$2$1'),
  'a line without anything': text => text.replace('./large.bin type', './large.bin\n./m type'),
};

describe('A manifest', () => {
  const user = new Sandbox();
  const source = user.path('documents');
  let box: Sandbox;
  let first: Published;

  before(() => {
    user.write({
      'documents/a.txt': 'first',
      'documents/sub/b.txt': 'second',
      'documents/large.bin': 'x'.repeat(5000),
    });
  });
  beforeEach(() => {
    box = new Sandbox();
    first = box.backup(source);
    // What was changed less than two seconds before a run is read again by the next in any case.
    elapse(box.root);
  });
  afterEach(() => box.dispose());
  after(() => user.dispose());

  for (const [how, damage] of Object.entries(UNREADABLE)) {
    it(`${how} costs a reading of the source, which is said, and no file`, () => {
      assert.equal(box.phlb('find', '*', '--quiet').status, 0);
      damage(box.manifest(first.id));
      const { status, stderr } = box.phlb('backup', source, '--quiet');
      assert.equal(status, 0, stderr);
      assert.match(stderr, /^phlb: The last manifest could not be read[^\n]*\n$/);
      assertGoesOn();
      // The index knew its contents already, since it had been asked.
      assert.ok(sameInode(join(first.path, 'a.txt'), join(box.root, box.ids()[1] ?? '', 'a.txt')));
      for (const command of ['ls', 'restore']) {
        const failed = box.phlb(command, first.id, ...(command === 'restore' ? ['--to', box.path('out')] : []));
        assert.equal(failed.status, 1);
        assert.match(failed.stderr, /^phlb: The manifest cannot be read [^\n]*\n$/);
      }
      assert.equal(box.phlb('verify', first.id).status, 3);
    });
  }

  for (const [what, change] of Object.entries(NONSENSE)) {
    it(`with ${what} in it costs at most a reading of the source, and no file`, () => {
      edit(box.manifest(first.id), change);
      box.backup(source);
      assertGoesOn();
      assert.ok([0, 1].includes(box.phlb('ls', first.id).status ?? -1));
    });
  }

  it('damaged at any place, in any way, says what it said or nothing at all, and every file is stored', async () => {
    const engine = startEngine();
    try {
      const location = locationOf(box);
      const ls = (): Promise<object> => engine.call('ls', { location, snapshot: first.id });
      const expected = await ls();
      const whole = readFileSync(box.manifest(first.id));
      let unreadable = 0;
      for (const offset of offsetsIn(whole.length)) {
        for (const [how, damage] of Object.entries(DAMAGE)) {
          writeFileSync(box.manifest(first.id), damage(whole, offset));
          const told = await ls().catch((error: unknown) => error);
          if (!PhlbError.is(told, 'damaged')) {
            assert.deepEqual(told, expected, `${how} at ${offset}`);
            continue;
          }
          unreadable++;
          const { damaged } = await engine.call('verify', { location, snapshots: [first.id] });
          assert.equal(damaged.length, 1, `${how} at ${offset} is found`);
          if (unreadable % 8 !== 1) continue;
          const next = await engine.call('backup', { location, source });
          assert.deepEqual([next.files, next.errors], [3, []]);
          assertSameTrees(source, next.path ?? '');
          await engine.call('delete', { location, snapshots: [next.id ?? ''] });
        }
      }
      assert.ok(unreadable > 20, 'the accidents have happened');
    } finally {
      await engine.dispose();
    }
  });

  const line = './zz type=file mode=0644 uid=0 gid=0 size=1 time=1.000000000 sha256=' + '0'.repeat(64) + '\n';
  const bombs: Record<string, string> = {
    'of zeros': 'cat /dev/zero',
    'of one line over and over': `yes '${line.trim()}'`,
    'of one endless line': `tr '\\0' z < /dev/zero`,
  };
  for (const [what, filling] of Object.entries(bombs)) {
    it(`that is a bomb ${what} does not take the machine's memory`, function () {
      if (!existsSync('/usr/bin/time')) return this.skip();
      const file = box.manifest(first.id);
      const header = what === 'of zeros' ? ':' : 'gzip -dc "$1" | head -n 3 | gzip';
      const piece = `${filling} | head -c 64M | gzip -1`;
      // Two gigabytes in some ten megabytes.
      const whole = 'cat "$1.header" && for n in $(seq 32); do cat "$1.piece"; done';
      const script = `{ ${header}; } > "$1.header" && { ${piece}; } > "$1.piece" && { ${whole}; } > "$1"`;
      assert.equal(box.run(['sh', '-c', script, 'sh', file]).status, 0);
      for (const part of ['header', 'piece']) rmSync(`${file}.${part}`);
      const measured = ['/usr/bin/time', '-f', '%M', process.execPath, CLI, 'backup', source, '--quiet'];
      const { status, stderr } = box.run(measured);
      assert.equal(status, 0, stderr);
      assert.match(stderr, /^phlb: The last manifest could not be read/);
      const kilobytes = Number(stderr.trim().split('\n').at(-1));
      assert.ok(kilobytes < 1_000_000, `${kilobytes} KiB`);
      assertSameTrees(source, join(box.root, box.ids()[1] ?? ''));
    });
  }

  for (const [how, damage] of Object.entries({
    missing: (file: string) => rmSync(file),
    garbled: (file: string) => writeFileSync(file, '{"format": 1, "kind"'),
    'of another format': (file: string) => writeFileSync(file, '{"format": 7}'),
    'of null': (file: string) => writeFileSync(file, 'null'),
  })) {
    it(`whose record is ${how}: the snapshot is still listed, with its problem, and the next one goes on`, () => {
      damage(box.manifest(first.id).replace('.mtree.gz', '.json'));
      const [listed] = box.json<Listed>(0, 'list').sources[0]?.snapshots ?? [];
      assert.deepEqual([listed?.id, listed?.errors], [first.id, 1]);
      assert.equal(box.phlb('verify', first.id).status, 3);
      assert.equal(box.backup(source).files, 3);
      assert.deepEqual(box.ids().length, 2);
      assertGoesOn();
    });
  }

  // The run that met the damage has stored everything, and the next one builds upon it.
  function assertGoesOn(): void {
    assertSameTrees(source, first.path);
    elapse(box.root);
    const next = box.backup(source);
    assertSameTrees(source, next.path);
    assert.deepEqual([next.unchangedFiles, next.damaged], [3, []]);
    assert.ok(box.ids().includes(first.id), 'the snapshot is still listed');
  }
});

function edit(file: string, change: (text: string) => string): void {
  const text = gunzipSync(readFileSync(file)).toString('latin1');
  const changed = change(text);
  assert.notEqual(changed, text, 'the accident has not happened');
  writeFileSync(file, gzipSync(Buffer.from(changed, 'latin1')));
}

/** The last line, of another path. */
function lastLine(text: string, path: string): string {
  return `${(text.trimEnd().split('\n').at(-1) ?? '').replace(/^\S+/, path)}\n`;
}
