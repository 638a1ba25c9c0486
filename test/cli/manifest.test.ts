import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { compareInManifest, nameFromBuffer, nameToBuffer } from '../../src/engine/words/names.js';
import { checkPath, formatEntry, parseEntry, tryParseEntry, type Entry } from '../../src/engine/store/manifest.js';
import { ManifestText } from '../../src/engine/store/manifest-text.js';
import { nsToMicros } from '../../src/engine/words/times.js';
import { ManifestWriter, readManifest } from '../../src/engine/store/manifest-file.js';
import { assertManifestTells, assertMtreeAgrees, assertSameTrees, bsdtarNames } from '../support/judges.js';
import { Sandbox } from '../support/sandbox.js';
import { inventory, toBytes, toPath } from '../support/trees.js';

const bytes = fc
  .uint8Array({ minLength: 1, maxLength: 40 })
  .map(array => Buffer.from(array.map(byte => (byte === 0 || byte === 0x2f ? 0x41 : byte))))
  .filter(name => !['.', '..'].includes(name.toString('latin1')));
const path = fc.array(bytes, { minLength: 1, maxLength: 5 }).map(parts => parts.map(nameFromBuffer).join('/'));
// What file systems keep: seconds of 64 bits (Btrfs, tmpfs), and most often times near our own.
const seconds = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -(2n ** 35n), max: 2n ** 35n }),
);
const time = fc.tuple(seconds, fc.bigInt({ min: 0n, max: 999_999_999n })).map(([s, ns]) => s * 1_000_000_000n + ns);
const common = {
  path,
  mode: fc.nat({ max: 0o7777 }),
  uid: fc.nat({ max: 2 ** 32 - 1 }),
  gid: fc.nat({ max: 2 ** 32 - 1 }),
  mtime: time,
};
const tags = {
  ctime: time,
  inode: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  dev: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  hardlinked: fc.constant(true),
  storedMtime: time.map(nsToMicros),
};
const sha256 = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(hash => Buffer.from(hash).toString('hex'));
const entry: fc.Arbitrary<Entry> = fc.oneof(
  fc.record(
    { ...common, type: fc.constant('file' as const), size: fc.maxSafeNat(), sha256, ...tags },
    { requiredKeys: ['path', 'mode', 'uid', 'gid', 'mtime', 'type', 'size', 'sha256'] },
  ),
  fc.record({
    ...common,
    type: fc.constantFrom('dir' as const, 'fifo' as const, 'socket' as const),
    size: fc.constant(0),
  }),
  fc.record({ ...common, type: fc.constant('link' as const), size: fc.constant(0), target: path }),
);

describe('A manifest', () => {
  it('gives every entry back as it was, whatever bytes its name holds', () => {
    fc.assert(
      fc.property(entry, one => {
        const line = formatEntry(one);
        assert.match(line, /^[!-~]+( [!-~]+)*$/, 'printable, one line');
        assert.deepEqual(parseEntry(line), { ...one });
      }),
      { numRuns: 2000 },
    );
  });

  it('gives every inode and device number back that a kernel has, although Node says that half of them are negative', () => {
    const numbers = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    const facts = { path: 'a', type: 'file' as const, mode: 0o644, uid: 0, gid: 0, size: 0, mtime: 0n };
    fc.assert(
      fc.property(numbers, numbers, (inode, dev) => {
        const line = formatEntry({ ...facts, sha256: 'ab'.repeat(32), inode, dev });
        const read = parseEntry(line);
        assert.deepEqual(
          [read?.inode, read?.dev].map(n => BigInt.asIntN(64, n ?? 0n)),
          [inode, dev],
        );
        assert.equal(line, formatEntry(read ?? assert.fail()));
      }),
      { numRuns: 1000 },
    );
  });

  it('holds what a path and a link of the greatest length say, and refuses what it could not be read with', () => {
    const facts = { mode: 0o777, uid: 0, gid: 0, size: 0, mtime: 0n };
    const rootLine = formatEntry({ ...facts, path: '', type: 'dir' });
    const readable = (line: string): boolean => {
      const text = new ManifestText(Buffer.from(`#mtree\n# phlb 1\n${rootLine}\n${line}\n`, 'latin1'));
      return [...text.entries()].length === 2;
    };
    // 32,767 characters are what Windows allows.
    for (const [folders, name, target] of [
      [1, '\u4e2d'.repeat(255), '\u4e2d'.repeat(1365)],
      [2000, 'x', 'y'.repeat(4095)],
      [4095, 'x', 'y'],
      [5000, 'x', 'y'],
      [100, '\u4e2d'.repeat(190), 'z'],
      [170, '\u4e2d'.repeat(190), 'z'],
      [1, 'x', '\u4e2d'.repeat(32_767)],
    ] as const) {
      const path = Array<string>(folders).fill(name).join('/');
      let line: string;
      try {
        checkPath(path);
        line = formatEntry({ ...facts, path, type: 'link', target });
      } catch (error) {
        assert.equal((error as NodeJS.ErrnoException).code, 'ENAMETOOLONG');
        assert.ok(path.length + target.length > 8192, 'only what no Linux path can be');
        continue;
      }
      assert.ok(readable(line), `${folders} folders`);
    }
  });

  it('keeps names apart that differ in any byte', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        assert.deepEqual(nameToBuffer(nameFromBuffer(a)), a);
        assert.equal(nameFromBuffer(a) === nameFromBuffer(b), a.equals(b));
      }),
      { numRuns: 2000 },
    );
  });

  it('is read as an entry or as nothing, never as something else, when bytes of it have turned', () => {
    fc.assert(
      fc.property(entry, fc.nat(), fc.integer({ min: 1, max: 255 }), (one, at, turned) => {
        const line = Buffer.from(formatEntry(one), 'latin1');
        line[at % line.length] = (line[at % line.length] ?? 0) ^ turned;
        const read = tryParseEntry(line.toString('latin1'));
        if (read) assert.ok(!read.path.split('/').some(part => part === '..'), 'nothing leaves the source');
      }),
      { numRuns: 2000 },
    );
  });

  it('is in memory what it is on disk, however much of it is the last one', async () => {
    const box = new Sandbox();
    const line = (path: string, size: number): string =>
      formatEntry({ path, type: 'file', mode: 0o644, uid: 0, gid: 0, size, mtime: 0n, sha256: 'ab'.repeat(32) });
    const rootLine = formatEntry({ path: '', type: 'dir', mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 0n });
    const linesOf = (folder: number, size: number): string =>
      Array.from({ length: 3 }, (_, n) => `${line(`folder-${folder}/file-${n}`, size)}\n`).join('');
    const lastFile = box.path('last.mtree.gz');
    const writer = new ManifestWriter(lastFile);
    writer.text(`${rootLine}\n`);
    for (let folder = 0; folder < 20; folder++) writer.text(linesOf(folder, 1));
    await writer.close();
    const last = { file: lastFile, manifest: await readManifest(lastFile) };
    const steps = fc.array(fc.constantFrom('same', 'other', 'gone'), { minLength: 20, maxLength: 20 });
    let n = 0;
    await fc.assert(
      fc.asyncProperty(steps, async what => {
        const file = box.path(`${n++}.mtree.gz`);
        const next = new ManifestWriter(file, last);
        next.text(`${rootLine}\n`);
        for (const [folder, step] of what.entries()) {
          const range = last.manifest.groups.get(`folder-${folder}`);
          if (step === 'same' && range) next.same(range);
          else if (step === 'other') next.text(linesOf(folder, 2));
        }
        await next.close();
        assert.equal(next.whole()?.bytes.toString(), gunzipSync(readFileSync(file)).toString());
      }),
      { examples: [[Array(20).fill('same')], [Array(20).fill('gone')]] },
    );
    box.dispose();
  });

  it('of folders one below the other, made at one moment, is read, although nothing else can be packed so small', async () => {
    const box = new Sandbox();
    const file = box.path('deep.mtree.gz');
    const writer = new ManifestWriter(file);
    const facts = { type: 'dir' as const, mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 1_700_000_000_123_456_789n };
    for (let depth = 0; depth < 1300; depth++) {
      writer.text(`${formatEntry({ ...facts, path: Array(depth).fill('x1').join('/') })}\n`);
    }
    await writer.close();
    const read = await readManifest(file);
    assert.ok(read.bytes.length > 300 * readFileSync(file).length);
    assert.equal([...read.entries()].length, 1300);
    box.dispose();
  });

  it('that packs smaller than any reader believes is read all the same, by gzip too', async () => {
    const box = new Sandbox();
    const file = box.path('alike.mtree.gz');
    const writer = new ManifestWriter(file);
    const facts = { type: 'dir' as const, mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 1_700_000_000_123_456_789n };
    const above = Array<string>(15).fill('\u0001'.repeat(255));
    writer.text(`${formatEntry({ ...facts, path: '' })}\n`);
    above.forEach((_, depth) =>
      writer.text(`${formatEntry({ ...facts, path: above.slice(0, depth + 1).join('/') })}\n`),
    );
    const line = formatEntry({ ...facts, path: `${above.join('/')}/NAME` });
    for (let n = 0; n < 5000; n++) {
      writer.text(`${line.replace('NAME', String(n).padStart(4, '0'))}\n`);
      await writer.drained();
    }
    await writer.close();
    const read = await readManifest(file);
    assert.equal(read.linesOf(above.join('/')).length, 5000);
    assert.ok(read.bytes.length > 64 << 20);
    const plain = execFileSync('gzip', ['-dc', file], { maxBuffer: 1 << 28 });
    assert.ok(plain.equals(read.bytes));
    box.dispose();
  });

  describe('of a folder with nasty names', () => {
    const box = new Sandbox();
    const source = box.path('documents');
    let manifest: string;
    let tree: string;

    before(() => {
      const names = ['a', 'a b', 'a-b', 'a.b', 'a0', 'B', 'ä', 'a\u0308', '\u{1f600}', '\uffff', '\ue000', 'z'];
      const raw = [
        '\xff',
        'caf\xe9',
        '\xf0\x9f',
        '\xed\xa0\x80',
        '\\',
        '\\040',
        '#',
        '=',
        "it's",
        '"',
        '\n',
        '\t',
        ' ',
        '-rf',
        '\x7f',
        '$(x)',
      ];
      mkdirSync(source);
      for (const name of [...names.map(toBytes), ...raw]) {
        const folder = `${toBytes(source)}/${name}`;
        mkdirSync(toPath(folder));
        writeFileSync(toPath(`${folder}/${name}`), name);
        writeFileSync(toPath(`${folder}.txt`), name);
      }
      execFileSync('mkfifo', [`${source}/fifo`]);
      const snapshot = box.backup(source);
      tree = snapshot.path;
      manifest = box.manifest(snapshot.id);
    });
    after(() => box.dispose());

    it('stands in the order of names.ts, a parent before what it holds', async () => {
      const paths = [...(await readManifest(manifest)).entries()].map(one => one.path);
      assert.deepEqual(paths, [...paths].sort(compareInManifest));
      const seen = new Set(['']);
      for (const one of paths.filter(each => each !== '')) {
        assert.ok(seen.has(one.includes('/') ? one.slice(0, one.lastIndexOf('/')) : ''), one);
        seen.add(one);
      }
      assertManifestTells(manifest, inventory(source));
      assert.ok(readFileSync(manifest).length > 0);
    });

    it('is what mtree and bsdtar read', function () {
      execFileSync('rm', [`${source}/fifo`]);
      assertSameTrees(source, tree);
      const names = bsdtarNames(manifest);
      if (!names || !assertMtreeAgrees(manifest, tree)) return this.skip();
      // bsdtar escapes what a terminal cannot show: only the number can be compared.
      assert.equal(names.length, inventory(source).size + 1);
    });
  });
});
