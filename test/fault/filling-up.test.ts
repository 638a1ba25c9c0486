import assert from 'node:assert/strict';
import { readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineClient } from '../../src/worker/client.js';
import { PhlbError } from '../../src/engine/words/errors.js';
import { locationOf, startEngine } from '../support/engine.js';
import { assertSameTrees } from '../support/judges.js';
import { Sandbox } from '../support/sandbox.js';
import { flip } from '../support/damage.js';
import { Ground, must } from './support/ground.js';
import { History } from './support/history.js';
import { seeded } from './support/processes.js';

/** Runs an operation of each kind with so much room, drawn from a seed (PHLB_TEST_SEED). */
const ROUNDS = 3;
const PLENTY = 'size=16m,nr_inodes=2000';
const PAGE = 4096;

interface Operation {
  prepare: () => Promise<void> | void;
  run: () => Promise<unknown>;
  /** it makes the location itself, which stays */
  founds?: true;
  /** what must hold when it had no room */
  harmless: (known: string[]) => void;
  /** what must hold when it has gone well */
  done: (known: string[]) => void;
}

describe('A backup location that fills up', () => {
  let box: Sandbox;
  let ground: Ground;
  let engine: EngineClient;
  let past: History;

  beforeEach(function () {
    box = new Sandbox();
    ground = new Ground(box);
    engine = startEngine();
    // The store, its index and its state; the source is elsewhere.
    if (ground.tmpfs('home', PLENTY) === undefined) return this.skip();
    past = new History(box, engine, box.path('elsewhere'));
  });
  afterEach(async () => {
    await engine.dispose();
    ground.dispose();
    box.dispose();
  });

  const location = (): ReturnType<typeof locationOf> => locationOf(box);
  const backup = (): Promise<unknown> => engine.call('backup', { location: location(), source: past.source });
  const unharmed = (ids: string[]): void => past.assertUnharmed(ids);
  const onlyMissing = (names: RegExp): void => {
    for (const line of past.differences()) assert.match(line, names);
  };
  let damage: string[] = [];
  let states: string[] = [];

  const operations: Record<string, Operation> = {
    'a first backup': {
      founds: true,
      prepare: () => undefined,
      run: backup,
      harmless: () => {
        assert.deepEqual(past.snapshots(), []);
        const empty = must('find', box.home, '-path', '*/partial/*', '-o', '-path', '*/manifests/*');
        assert.equal(empty, '', 'nothing that takes room but the location itself');
      },
      done: () => past.snapshots().forEach(id => assertSameTrees(past.source, join(box.root, id))),
    },
    'a later backup': {
      prepare: async () => {
        await past.take(2);
        past.edit(2);
      },
      run: backup,
      harmless: known => {
        unharmed(known);
        assert.deepEqual(past.snapshots(), known, 'none is deleted to make room, and none is half');
      },
      done: known => {
        unharmed(known);
        assertSameTrees(past.source, join(box.root, past.snapshots().at(-1) ?? ''));
      },
    },
    'a prune': {
      prepare: () => past.take(4),
      run: () => engine.call('prune', { location: location(), rules: { keepLast: 1 } }),
      harmless: () => unharmed(past.snapshots()),
      done: known => {
        assert.deepEqual(past.snapshots(), known.slice(-1));
        unharmed(known.slice(-1));
      },
    },
    'a deletion': {
      prepare: () => past.take(3),
      run: () => engine.call('delete', { location: location(), snapshots: past.snapshots().slice(0, 1) }),
      harmless: () => unharmed(past.snapshots()),
      done: known => {
        assert.deepEqual(past.snapshots(), known.slice(1));
        unharmed(known.slice(1));
      },
    },
    'a purge': {
      prepare: async () => {
        for (let i = 0; i < 3; i++) past.write(`d${i}/secret.iso`, `secret ${i}`);
        await past.take(3);
      },
      run: () => engine.call('purge', { location: location(), glob: '*.iso', dryRun: false }),
      harmless: () => onlyMissing(/^Only in \S*\/copies\/\S*: secret\.iso$/),
      done: known => {
        assert.equal(past.differences().length, 3 * known.length);
        assert.deepEqual(past.states('now', '*.iso'), past.states('kept', '*.iso'));
      },
    },
    'a heal': {
      prepare: async () => {
        await past.take(2);
        states = past.states('now');
        const [first = ''] = past.snapshots();
        flip(join(box.root, first, 'large.bin'));
        for (const i of [0, 3, 4]) flip(join(box.root, first, `d${i % 4}/${i}.txt`));
        damage = past.differences();
        // What is known to be damaged is kept, whatever comes of the healing.
        await engine.call('verify', { location: location(), snapshots: [] });
      },
      run: () => engine.call('verify', { location: location(), snapshots: [], heal: true }),
      harmless: () => past.differences().forEach(line => assert.ok(damage.includes(line), line)),
      done: known => past.assertUnharmed(known, states),
    },
    'a restore': {
      prepare: async () => {
        await past.take(2);
        for (let i = 0; i < 24; i += 2) past.write(`d${i % 4}/${i}.txt`, `edited ${i} `.repeat(999));
        past.write('large.bin', 'e'.repeat(1 << 20));
        past.write('since.txt', 'came since');
      },
      run: () =>
        engine.call('restore', { location: location(), snapshot: past.snapshots()[0] ?? '', paths: [], delete: true }),
      harmless: known => {
        unharmed(known);
        assertSameTrees(join(past.kept, 'source'), past.source);
      },
      done: known => {
        unharmed(known);
        assertSameTrees(join(past.copies, known[0] ?? ''), past.source);
      },
    },
    'a label and a pin': {
      prepare: () => past.take(2),
      run: () =>
        engine.call('annotate', {
          location: location(),
          snapshot: past.snapshots()[0] ?? '',
          label: 'one',
          pinned: true,
        }),
      harmless: unharmed,
      done: unharmed,
    },
    'a rebuild of the index': {
      prepare: async () => {
        await past.take(3);
        removeIndex();
      },
      run: () => engine.call('rebuild', { location: location() }),
      harmless: unharmed,
      done: unharmed,
    },
    'a rebuild from the trees': {
      prepare: async () => {
        await past.take(3);
        // Its index is removed first; without one, manifests that are done would stay when only the index has no room.
        await engine.call('find', { location: location(), glob: '*' });
        rmSync(join(box.root, '.phlb/manifests/documents'), { recursive: true });
      },
      run: () => engine.call('rebuild', { location: location(), rehash: true }),
      harmless: unharmed,
      done: unharmed,
    },
  };

  for (const [what, operation] of Object.entries(operations)) {
    it(`during ${what}, of bytes or of inodes, loses nothing, gives back what it took and says what to do; with room again it goes well`, async () => {
      const { prepare, run, harmless, done, founds } = operation;
      const random = seeded();
      await prepare();
      past.keep();
      const known = past.snapshots();
      const [pages, inodes] = used();
      await run();
      const [morePages, moreInodes] = used();
      let failures = 0;
      for (let round = 0; round < 2 * ROUNDS; round++) {
        ground.remount(box.home, PLENTY);
        past.reset();
        const [pagesNow, inodesNow] = used();
        // None at all at first; then some, which may be enough.
        const share = round % ROUNDS === 0 ? 0 : random();
        const amount = (need: number): number => Math.floor(share * Math.max(need, 6));
        const room =
          round < ROUNDS
            ? `size=${Math.max(1, pagesNow + amount(morePages - pages)) * PAGE}`
            : `nr_inodes=${inodesNow + amount(moreInodes - inodes)}`;
        ground.remount(box.home, room);
        const before = used();
        try {
          const error: unknown = await run().then(
            () => undefined,
            (caught: unknown) => caught,
          );
          if (error !== undefined) {
            failures++;
            assert.ok(PhlbError.is(error, 'store'), String(error));
            assert.match(error.line, /^[^\n]*ENOSPC[^\n]*free some space[^\n]*$/);
            harmless(known);
            const after = used();
            const isGivenBack = after[0] <= before[0] && after[1] <= before[1];
            assert.ok(founds ?? isGivenBack, `${before} were used, ${after} now`);
          } else done(known);
          ground.remount(box.home, PLENTY);
          if (error !== undefined) await run();
          done(known);
          await assertIndexTells();
          await backup();
          past.assertTidy();
        } catch (error) {
          throw new Error(`with ${room}`, { cause: error });
        }
      }
      await past.assertVerified();
      assert.ok(failures >= 2, `${failures} of ${2 * ROUNDS} were without room`);
    });
  }

  it('is not made room in: retention is asked, and nobody else takes a snapshot away', async () => {
    await past.take(3);
    const known = past.snapshots();
    const [pages] = used();
    ground.remount(box.home, `size=${(pages + 20) * PAGE}`);
    for (let i = 0; i < 3; i++) {
      writeFileSync(join(past.source, 'too large'), Buffer.alloc(300_000, `${i}`));
      const { status, stderr } = box.phlb('backup', past.source);
      assert.equal(status, 1);
      assert.match(stderr, /ENOSPC[^\n]*free some space/);
      assert.deepEqual(past.snapshots(), known);
    }
  });

  function used(): [pages: number, inodes: number] {
    const { blocks, bfree, bsize, files, ffree } = statfsSync(box.home);
    return [Math.ceil(((blocks - bfree) * bsize) / PAGE), files - ffree];
  }

  // What the index says is what one that is made anew says.
  async function assertIndexTells(): Promise<void> {
    const ask = (): Promise<unknown> => engine.call('find', { location: location(), glob: '**' });
    const told = await ask();
    removeIndex();
    assert.deepEqual(told, await ask());
  }

  function removeIndex(): void {
    const { index } = location();
    for (const name of readdirSync(index)) rmSync(join(index, name));
  }
});
