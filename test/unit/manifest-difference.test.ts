import assert from 'node:assert/strict';
import fc from 'fast-check';
import { differingDirectories } from '../../src/engine/store/manifest-difference.js';
import { formatEntry, MANIFEST_HEADER, type Entry } from '../../src/engine/store/manifest.js';
import { ManifestText } from '../../src/engine/store/manifest-text.js';

const facts = { mode: 0o644, uid: 0, gid: 0, mtime: 0n };
/** Few names and sizes of which one is the end of another: lines of which much is alike. */
const filesArbitrary = fc.uniqueArray(
  fc.record({
    directory: fc.constantFrom('', 'a', 'b', 'a/b', 'c'),
    name: fc.constantFrom('x', 'xx', 'y', 'xy', 'yx'),
    size: fc.constantFrom(1, 11, 111, 21),
  }),
  { selector: ({ directory, name }) => `${directory}/${name}`, maxLength: 25 },
);

interface File {
  directory: string;
  name: string;
  size: number;
}

describe('What differs between two manifests', () => {
  it('is what a comparison line by line finds, else a changed file is not in the index', () => {
    fc.assert(
      fc.property(filesArbitrary, filesArbitrary, (was, is) => {
        const [older, newer] = [manifest(was), manifest(is)];
        const found = new Map([...differingDirectories(older, newer)].map(one => [one.directory, one]));
        for (const directory of new Set([...older.groups.keys(), ...newer.groups.keys()])) {
          const [before, after] = [older.linesOf(directory), newer.linesOf(directory)];
          const { before: gone = [], after: come = [] } = found.get(directory) ?? {};
          assert.deepEqual(without(gone, come), without(before, after));
          assert.deepEqual(without(come, gone), without(after, before));
          assert.equal(found.has(directory), before.join() !== after.join(), directory);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('leaves out the lines around it, else a large folder is taken apart for one file', () => {
    const files = Array.from({ length: 1000 }, (_, i) => ({ directory: 'a', name: `x${i + 1000}`, size: 1 }));
    const older = manifest(files);
    const newer = manifest(files.map((file, i) => (i === 500 ? { ...file, size: 2 } : file)));
    const [only] = differingDirectories(older, newer);
    assert.ok(only && only.before.length <= 2 && only.after.length <= 2, JSON.stringify(only));
  });

  it('is read the same beside another manifest, else files stand in the wrong directory', () => {
    fc.assert(
      fc.property(filesArbitrary, filesArbitrary, (was, is) => {
        const [other, alone] = [manifest(was), manifest(is)];
        const beside = new ManifestText(alone.bytes, other);
        assert.deepEqual([...beside.groups], [...alone.groups]);
        assert.deepEqual([...differingDirectories(other, beside)], [...differingDirectories(other, alone)]);
        // What it knows of the one says nothing of another.
        const third = manifest([]);
        assert.deepEqual([...differingDirectories(third, beside)], [...differingDirectories(third, alone)]);
      }),
      { numRuns: 2000 },
    );
  });
});

function manifest(files: readonly File[]): ManifestText {
  const inOrder = files.toSorted((a, b) => compare(a.directory, b.directory) || compare(a.name, b.name));
  const entries = inOrder.map(({ directory, name, size }): Entry => {
    const path = directory === '' ? name : `${directory}/${name}`;
    return { ...facts, path, type: 'file', size, sha256: 'ab'.repeat(32) };
  });
  const lines = [{ ...facts, path: '', type: 'dir', size: 0 } as const, ...entries].map(formatEntry);
  return new ManifestText(Buffer.from(`${MANIFEST_HEADER}${lines.join('\n')}\n`, 'latin1'));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function without(lines: string[], others: string[]): string[] {
  const known = new Set(others);
  return lines.filter(line => !known.has(line));
}
