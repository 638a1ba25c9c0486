import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DeleteResult } from '../../src/engine/delete.js';
import { random } from '../support/disk.js';
import { locationOf, startEngine } from '../support/engine.js';
import { Sandbox } from '../support/sandbox.js';
import { Ground, must } from './support/ground.js';

interface Told {
  deleted: string[];
  freedBytes: number;
  errors?: { path: string; code: string; message: string }[];
}

/** What keeps a snapshot from being removed, and how it is taken away again. */
const OBSTACLES: Record<string, { code: string; put: (tree: string) => void; take: (tree: string) => void }> = {
  'with something mounted in it': {
    code: 'EBUSY',
    put: tree => void must('mount', '--bind', '/proc/self/fdinfo', join(tree, 'sub')),
    take: tree => void must('umount', join(tree, 'sub')),
  },
  'that may not be changed (chattr +i)': {
    code: 'EPERM',
    put: tree => void must('chattr', '+i', tree),
    take: tree => void must('chattr', '-i', tree),
  },
};

describe('One of several', () => {
  let box: Sandbox;
  let ground: Ground;
  let ids: string[];

  beforeEach(function () {
    box = new Sandbox();
    ground = new Ground(box);
    const disk = ground.ext4('disk', 60);
    if (disk === undefined) return this.skip();
    box.env['PHLB_ROOT'] = join(disk, 'root');
    for (const name of ['documents', 'letters']) {
      for (let n = 0; n < 3; n++) {
        box.write({ [`${name}/a`]: random(4096), [`${name}/sub/b`]: name });
        box.backup(name);
      }
    }
    ids = box.ids();
  });
  afterEach(() => {
    ground.dispose();
    box.dispose();
  });

  const tree = (id: string): string => join(box.env['PHLB_ROOT'] ?? '', id);

  for (const [how, { code, put, take }] of Object.entries(OBSTACLES)) {
    it(`${how}: prune names it, deletes all others of all sources, and is done the next time`, () => {
      const [stuck = '', second, kept, fourth, fifth, last] = ids;
      put(tree(stuck));
      try {
        const told = box.json<Told>(3, 'prune', '--keep-last', '1');
        assert.deepEqual(told.deleted, [second, fourth, fifth]);
        assert.deepEqual(
          told.errors?.map(error => [error.path, error.code]),
          [[stuck, code]],
        );
        assert.deepEqual(box.ids(), [stuck, kept, last]);
        assert.equal(told.freedBytes, 3 * 4096);
        const { status, stderr } = box.phlb('prune', '--keep-last', '1');
        assert.equal(status, 3);
        assert.match(stderr, new RegExp(`^phlb: ${stuck}: [^\n]*${code}[^\n]*\n$`));
      } finally {
        take(tree(stuck));
      }
      assert.deepEqual(box.json<Told>(0, 'prune', '--keep-last', '1').deleted, [stuck]);
      box.json(0, 'verify');
    });

    it(`${how}: delete goes on with the others, and forget keeps the source that still has it`, async () => {
      const [stuck = '', second = '', third = '', fourth] = ids;
      put(tree(stuck));
      const engine = startEngine();
      try {
        const told = box.json<Told>(3, 'delete', second, stuck, fourth ?? '');
        assert.deepEqual(told.deleted, [second, fourth]);
        assert.deepEqual(
          told.errors?.map(({ path }) => path),
          [stuck],
        );
        const location = { ...locationOf(box), root: tree('') };
        const left: DeleteResult = await engine.call('forget', { location, name: 'documents' });
        assert.deepEqual([left.deleted, left.errors.map(({ path }) => path)], [[third], [stuck]]);
        assert.ok(box.ids().includes(stuck));
      } finally {
        await engine.dispose();
        take(tree(stuck));
      }
      box.json(0, 'verify');
    });
  }

  it('with a folder of the user mounted in it: nothing in there is removed, by a purge neither', () => {
    const [stuck = '', second = ''] = ids;
    mkdirSync(box.path('precious'));
    writeFileSync(box.path('precious/b'), 'precious');
    ground.bind(box.path('precious'), join(tree(stuck), 'sub'));
    const purged = box.json<{ removed: { snapshot: string }[]; errors: { path: string }[] }>(
      3,
      'purge',
      'sub',
      '--yes',
    );
    assert.deepEqual(
      purged.errors.map(({ path }) => path),
      [`${stuck}/sub`],
    );
    assert.ok(purged.removed.some(({ snapshot }) => snapshot === second));
    assert.ok(!purged.removed.some(({ snapshot }) => snapshot === stuck));
    assert.equal(box.phlb('delete', stuck).status, 3);
    assert.equal(readFileSync(box.path('precious/b'), 'utf8'), 'precious');
    ground.unmount(join(tree(stuck), 'sub'));
    box.json(0, 'verify');
  });

  it('with a file that cannot be purged: it is named and stays in the manifest, all others go', () => {
    const [stuck = ''] = ids;
    must('chattr', '+i', join(tree(stuck), 'a'));
    try {
      const told = box.json<{ removed: { snapshot: string; path: string }[]; errors: { path: string }[] }>(
        3,
        ...['purge', '{a,b}', '--yes'],
      );
      assert.deepEqual(
        told.errors.map(({ path }) => path),
        [`${stuck}/a`],
      );
      assert.equal(told.removed.length, 11);
    } finally {
      must('chattr', '-i', join(tree(stuck), 'a'));
    }
    assert.deepEqual(box.json<{ damaged: unknown[] }>(0, 'verify').damaged, []);
    assert.ok(existsSync(join(tree(stuck), 'a')));
  });

  it('whose removal fails half way is gone, and named', () => {
    const [stuck = '', second] = ids;
    must('chattr', '+i', join(tree(stuck), 'sub'));
    const { status, stdout, stderr } = box.phlb('prune', 'documents', '--keep-last', '1', '--json');
    const told = JSON.parse(stdout) as Told;
    assert.deepEqual([status, told.deleted], [0, [stuck, second]]);
    assert.match(stderr, new RegExp(`^phlb: ${stuck} still takes up space: [^\n]*EPERM[^\n]*\n$`));
    assert.ok(!box.ids().includes(stuck));
    // What is left is looked at again by each deletion, and stops none.
    assert.equal(box.json<Told>(0, 'delete', ids[3] ?? '').deleted.length, 1);
    must('chattr', '-R', '-i', join(tree(''), '.phlb/partial'));
  });

  it('does not hide that the whole store has met something: a read-only one ends it', () => {
    ground.remount(join(tree(''), '..'), 'ro');
    const { status, stderr } = box.phlb('prune', '--keep-last', '1');
    ground.remount(join(tree(''), '..'), 'rw');
    assert.equal(status, 1);
    assert.match(stderr, /^phlb: [^\n]*\n$/);
    assert.deepEqual(box.ids(), ids);
  });
});
