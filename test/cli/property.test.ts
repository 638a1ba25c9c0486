import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { applyEdit, editArbitrary, type Edit } from '../support/edits.js';
import {
  assertManifestTells,
  assertMtreeAgrees,
  assertSameHardlinks,
  assertSameTrees,
  sha256sum,
} from '../support/judges.js';
import { Sandbox } from '../support/sandbox.js';
import { inventory, removeTree, toBytes, type Bytes, type Node } from '../support/trees.js';

type Step =
  | { do: 'edit'; source: number; edits: Edit[] }
  | { do: 'backup'; source: number; checksum: boolean }
  | { do: 'removeSnapshot'; which: number }
  | { do: 'deleteIndex' };

/** A published snapshot and the plain copy that was taken at the time. */
interface Kept {
  id: string;
  tree: string;
  copy: string;
  nodes: Map<Bytes, Node>;
  /** of manifest and record when published */
  manifestSum: string;
}

const SEED = Number(process.env['PHLB_TEST_SEED'] ?? 20160107);
const RUNS = Number(process.env['PHLB_TEST_RUNS'] ?? 16);

const source = fc.nat({ max: 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant('edit'), source, edits: fc.array(editArbitrary, { maxLength: 12 }) }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('backup'), source, checksum: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('removeSnapshot'), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('deleteIndex') }) },
);
const story = fc.record({
  beginnings: fc.tuple(
    fc.array(editArbitrary, { minLength: 5, maxLength: 25 }),
    fc.array(editArbitrary, { maxLength: 15 }),
  ),
  steps: fc.array(step, { minLength: 4, maxLength: 12 }),
});

describe('any tree, edited and backed up in any order', function () {
  this.timeout(RUNS * 20_000);

  it('is in every snapshot what it was at the time', () => {
    fc.assert(
      fc.property(story, ({ beginnings, steps }) => {
        const world = new World();
        try {
          beginnings.forEach((edits, at) => world.step({ do: 'edit', source: at, edits }));
          for (const one of steps) world.step(one);
          world.step({ do: 'backup', source: 0, checksum: false });
          world.judge();
        } finally {
          world.box.dispose();
        }
      }),
      {
        seed: SEED,
        numRuns: RUNS,
        endOnFailure: process.env['PHLB_TEST_SHRINK'] === undefined,
      },
    );
  });
});

/** Two sources, one root, and a plain copy of every published state. */
class World {
  readonly box = new Sandbox('on threads of it');
  private readonly sources = ['documents', 'other/documents'].map(path => this.box.path(path));
  private kept: Kept[] = [];
  private copies = 0;

  constructor() {
    this.box.write({ 'documents/': '', 'other/documents/': '' });
  }

  step(step: Step): void {
    switch (step.do) {
      case 'edit':
        for (const edit of step.edits) applyEdit(this.source(step.source), edit);
        break;
      case 'backup':
        this.backup(this.source(step.source), step.checksum);
        break;
      case 'removeSnapshot': {
        const [victim] = this.kept.splice(step.which % Math.max(1, this.kept.length), 1);
        if (victim) rmSync(victim.tree, { recursive: true });
        break;
      }
      case 'deleteIndex':
        removeTree(join(this.box.state, 'index'));
        break;
    }
  }

  /** Every snapshot that was not removed is whole, and nothing else is listed. */
  judge(): void {
    for (const kept of this.kept) this.judgeSnapshot(kept);
    this.judgeContents();
    assert.deepEqual(this.box.ids().sort(), this.kept.map(({ id }) => id).sort());
    const { damaged } = this.box.json<{ damaged: unknown[] }>(0, 'verify');
    assert.deepEqual(damaged, []);
    const last = this.kept.at(-1);
    if (last) this.judgeRestore(last);
  }

  private backup(folder: string, checksum: boolean): void {
    const copy = this.box.path(`copy-${this.copies++}`);
    execFileSync('cp', ['-a', folder, copy]);
    const nodes = inventory(copy);
    // Special files are recorded, not stored.
    execFileSync('find', [copy, '-type', 'p', '-delete']);
    const snapshot = this.box.backup(folder, '--no-default-excludes', ...(checksum ? ['--checksum'] : []));
    assert.equal(snapshot.files, snapshot.unchangedFiles + snapshot.linkedFiles + snapshot.copiedFiles);
    assert.equal(snapshot.files, [...nodes.values()].filter(({ type }) => type === 'file').length);
    const manifest = this.box.manifest(snapshot.id);
    const kept = { id: snapshot.id, tree: snapshot.path, copy, nodes, manifestSum: sha256sum(manifest) };
    this.kept.push(kept);
    this.judgeSnapshot(kept);
    assertManifestTells(manifest, nodes);
    // To mtree, names with these are patterns, even escaped.
    if (![...nodes.keys()].some(path => /[*?[\\]/.test(path))) assertMtreeAgrees(manifest, snapshot.path);
  }

  private judgeSnapshot({ id, tree, copy, nodes, manifestSum }: Kept): void {
    assertSameTrees(copy, tree);
    assertSameHardlinks(nodes, inventory(tree));
    assert.equal(sha256sum(this.box.manifest(id)), manifestSum, 'a manifest never changes');
  }

  // Whatever the files were called, and in which source, order and snapshots they came.
  private judgeContents(): void {
    const inodes = new Map<string, Set<bigint>>();
    for (const { tree, nodes } of this.kept) {
      const stored = inventory(tree);
      for (const [path, { type, mode, sha256 }] of nodes) {
        if (type !== 'file') continue;
        const content = `${sha256} ${mode & 0o555}`;
        const { inode } = stored.get(path) ?? assert.fail(path);
        inodes.set(content, (inodes.get(content) ?? new Set()).add(inode));
      }
    }
    for (const [content, of] of inodes) assert.equal(of.size, 1, `${content} takes room ${of.size} times`);
  }

  private judgeRestore({ id, nodes }: Kept): void {
    const target = this.box.path('restored');
    const special = [...nodes].filter(([, { type }]) => type === 'fifo').map(([path]) => path);
    const { errors } = this.box.json<{ errors: { path: string; pathBase64?: string }[] }>(
      special.length > 0 ? 3 : 0,
      'restore',
      id,
      '--to',
      target,
    );
    assert.deepEqual(errors.map(exactPath).sort(), special.sort(), 'all but special files comes back');
    const restored = inventory(target);
    assertSameHardlinks(nodes, restored);
    assert.deepEqual(withoutInodes(restored), withoutInodes(nodes));
  }

  private source(at: number): string {
    return this.sources[at] ?? '';
  }
}

function exactPath({ path, pathBase64 }: { path: string; pathBase64?: string }): Bytes {
  return toBytes(pathBase64 === undefined ? path : Buffer.from(pathBase64, 'base64'));
}

// Times come back to the microsecond; special files are recorded only.
function withoutInodes(nodes: Map<Bytes, Node>): unknown[] {
  return [...nodes]
    .filter(([, { type }]) => type !== 'other' && type !== 'fifo')
    .map(([path, { type, mode, size, sha256, target, mtime }]) => ({
      path,
      type,
      mode,
      size,
      sha256,
      target,
      micros: mtime / 1000n,
    }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}
