import assert from 'node:assert/strict';
import { setImmediate as aTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { NO_LINES } from '../../src/engine/run/tree-lines.js';
import { walkTree } from '../../src/engine/run/walk-tree.js';
import { noComparisonTally, type ComparedDirectory } from '../../src/engine/scan/compared-directory.js';
import type { DirectoryToWalk } from '../../src/engine/threads/jobs.js';
import type { Pool, PoolThread } from '../../src/engine/threads/pool.js';
import { PhlbError } from '../../src/engine/words/errors.js';
import type { Progress } from '../../src/engine/words/model.js';

/** A folder: sizes of its files, which are all to be read, and its folders. */
interface Folder {
  sizes: number[];
  folders: Folder[];
  /** of its other entries, characters */
  lines?: number;
}

/** What there was to see of a walk, in its order: folders, files, and what was told of a shortage. */
class Seen {
  readonly steps: ('walk' | 'read' | 'told')[] = [];
  readonly read: string[] = [];
  readonly told: Progress['shortage'][] = [];
  isCancelled = false;

  constructor(private readonly turns: () => number = () => 1) {}

  /** @param threads 0: all is done on the own one */
  async walk(root: Folder, threads: number, freeInDoubt?: number, failsAt?: string): Promise<void> {
    const thread = { run: (_: string, jobs: DirectoryToWalk[]) => this.compare(root, jobs, failsAt) };
    const own = thread as unknown as PoolThread;
    const all = Array.from({ length: Math.max(1, threads) }, () => own);
    const pool: Pool = {
      ...{ threads: all, own, pays: threads > 0, forMoments: all },
      ...{ start: () => undefined, setUp: () => undefined, close: () => Promise.resolve() },
    };
    const tree = {
      ...{ pool, previous: null, root: { path: '', mode: 0, mtime: 0 }, device: 0n, trustCtime: true },
      expectedFiles: undefined,
      onProgress: ({ shortage }: Progress): void => {
        if (!shortage) return;
        this.told.push(shortage);
        this.steps.push('told');
      },
      cancelled: () => this.isCancelled,
    };
    await walkTree(tree, {
      ...{ lines: NO_LINES, stopAtChange: false, freeInDoubt },
      files: output => ({
        read: async (_, files) => {
          await this.pause();
          for (const { directory, at, path } of files) {
            this.steps.push('read');
            this.read.push(path);
            output.lines.fill(directory, at, '');
          }
        },
        finish: () => Promise.resolve(),
        giveUp: () => undefined,
      }),
    });
  }

  private async compare(root: Folder, jobs: DirectoryToWalk[], failsAt?: string): Promise<unknown> {
    await this.pause();
    const compared = jobs.map(({ path }): ComparedDirectory => {
      if (path === failsAt) throw new Error('no more');
      this.steps.push('walk');
      const { sizes, folders, lines = 0 } = at(root, path);
      return {
        path,
        lines: [...sizes.map(() => ''), 'x'.repeat(lines)],
        pending: sizes.map((size, i) => ({ name: `f${i}`, at: i, size, old: undefined, repeated: false })),
        directories: folders.map((_, i) => ({ name: `d${i}`, mode: 0, mtime: 0, ignoreFiles: [] })),
      };
    });
    return { compared, tally: noComparisonTally() };
  }

  private async pause(): Promise<void> {
    for (let i = this.turns(); i > 0; i--) await aTurn();
  }
}

function at(root: Folder, path: string): Folder {
  let folder = root;
  for (const name of path.split('/').filter(part => part !== ''))
    folder = folder.folders[Number(name.slice(1))] ?? root;
  return folder;
}

function filesOf({ sizes, folders }: Folder, path = ''): string[] {
  return [...sizes.map((_, i) => `${path}f${i}`), ...folders.flatMap((folder, i) => filesOf(folder, `${path}d${i}/`))];
}

const many = (count: number, folder: () => Folder): Folder[] => Array.from({ length: count }, folder);
/** 5000 files of a block each, in more folders than two threads take on at once. */
const wide: Folder = {
  sizes: [],
  folders: many(200, () => ({ sizes: new Array<number>(25).fill(4000), folders: [] })),
};

describe('A walk over a source', () => {
  for (const threads of [0, 2]) {
    describe(threads === 0 ? 'on one thread' : 'on two threads', () => {
      let seen: Seen;
      beforeEach(() => (seen = new Seen()));
      const lastWalk = (): number => seen.steps.lastIndexOf('walk');
      const firstRead = (): number => seen.steps.indexOf('read');

      it('whose files may not have space is over before any is read, and what they need is told once, before that', async () => {
        await seen.walk(wide, threads, 4096 * 5000 - 1);
        assert.deepEqual(seen.told, [{ needed: 4096 * 5000, free: 4096 * 5000 - 1 }]);
        assert.ok(lastWalk() < seen.steps.indexOf('told') && seen.steps.indexOf('told') < firstRead());
        assert.deepEqual(seen.read.sort(), filesOf(wide).sort());
      });

      it('whose files turn out to have space tells nothing', async () => {
        await seen.walk(wide, threads, 4096 * 5000);
        assert.deepEqual([seen.told, lastWalk() < firstRead()], [[], true]);
        assert.deepEqual(seen.read.sort(), filesOf(wide).sort());
      });

      it('reads meanwhile where space is in no doubt', async () => {
        await seen.walk(wide, threads);
        assert.deepEqual([seen.told, firstRead() < lastWalk()], [[], true]);
      });

      it('reads meanwhile once all that waits is too much to be kept in memory', async () => {
        const [first, ...others] = wide.folders;
        const heavy = { ...wide, folders: [{ sizes: [1], folders: [], ...first, lines: 40 << 20 }, ...others] };
        await seen.walk(heavy, threads, 4096 * 5000);
        assert.deepEqual([seen.told, firstRead() < lastWalk()], [[], true]);
        assert.deepEqual(seen.read.sort(), filesOf(heavy).sort());
      });

      it('can be cancelled while files wait: none is read', async () => {
        const walking = seen.walk(wide, threads, 1);
        while (seen.steps.length < 10) await aTurn();
        seen.isCancelled = true;
        await assert.rejects(walking, error => PhlbError.is(error, 'cancelled'));
        assert.equal(seen.steps.includes('read'), false);
      });

      it('fails while files wait as it does else: none is read, and nobody waits', async () => {
        await assert.rejects(seen.walk(wide, threads, 1, 'd150'), /no more/);
        assert.equal(seen.steps.includes('read'), false);
      });
    });
  }

  it('ends, and reads each file once, however long each job takes (a property)', async () => {
    const { folder } = fc.letrec<{ folder: Folder }>(tie => ({
      folder: fc.record({
        sizes: fc.array(fc.nat(10_000), { maxLength: 5 }),
        folders: fc.oneof({ maxDepth: 4 }, fc.constant<Folder[]>([]), fc.array(tie('folder'), { maxLength: 4 })),
      }),
    }));
    await fc.assert(
      fc.asyncProperty(
        ...[folder, fc.nat(3), fc.nat(50_000), fc.infiniteStream(fc.nat(4))],
        async (root, threads, free, turns) => {
          const seen = new Seen(() => Number(turns.next().value));
          await seen.walk(root, threads, free);
          assert.deepEqual(seen.read.sort(), filesOf(root).sort());
          const waits = seen.steps.indexOf('read');
          assert.ok(waits < 0 || waits > seen.steps.lastIndexOf('walk'));
        },
      ),
    );
  });
});
