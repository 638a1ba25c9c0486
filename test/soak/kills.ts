/** Processes that die by kill -9 at any one of their changes to the disk, and what the next one makes of it. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { runProgram } from '../support/run-program.js';
import { CLI } from '../support/sandbox.js';
import { inventory } from '../support/trees.js';
import { published } from './backups.js';
import { assertMayGo } from './keeping.js';
import { chooseGlob, heal, purge, rehash, reviseDamage } from './mending.js';
import { chooseRestorable, prepareForRestore, undo } from './restores.js';
import { withoutInodes } from './nodes.js';
import { gone, nameOf, newIds, type World } from './world.js';

const MAX_CHANGES = 160;
const MAX_RENAMES = 6;

export function killBackup(world: World): void {
  const source = world.dice.pick(world.sources) ?? '';
  const was = inventory(source);
  kill(world, 'backup', source);
  const [id, ...more] = newIds(world);
  assert.deepEqual(more, []);
  if (id !== undefined) published(world, { id, errors: [], damaged: [] }, source, was);
}

export function killDelete(world: World): void {
  const { dice } = world;
  const victims = [...new Set([dice.pick(world.kept), dice.pick(world.kept), dice.pick(world.kept)])]
    .flatMap(kept => kept ?? [])
    .filter(({ pinned, lost }) => !pinned && lost === null);
  if (victims.length === 0) return;
  kill(world, 'delete', ...victims.map(({ id }) => id));
  world.drop(gone(world, victims));
}

export function killPrune(world: World): void {
  const source = world.dice.pick(world.sources) ?? '';
  const name = nameOf(world, source);
  if (name === undefined) return;
  kill(world, 'prune', name, '--keep-last', '2');
  const ids = gone(world, world.of(source));
  assertMayGo(world, source, ids, 2);
  world.drop(ids);
}

export async function killPurge(world: World): Promise<void> {
  const glob = chooseGlob(world);
  if (glob === undefined) return;
  kill(world, 'purge', glob, '--yes');
  // Run again, it completes.
  await purge(world, glob);
}

export async function killHeal(world: World): Promise<void> {
  kill(world, 'verify', '--heal');
  reviseDamage(world);
  await heal(world);
}

export async function killRehash(world: World): Promise<void> {
  kill(world, 'rebuild', '--rehash');
  await rehash(world);
}

/** A restore, or the undo of one, dies: what it did is taken back by undo. */
export async function killRestore(world: World): Promise<void> {
  const kept = chooseRestorable(world);
  if (!kept) return;
  const { source, id } = kept;
  prepareForRestore(source, kept);
  if (world.dice.chance(0.5)) return takeBack(world, source, ['restore', id, '--delete']);
  const before = inventory(source);
  const { safetySnapshot } = await world.engine.call('restore', { location: world.location, snapshot: id, paths: [] });
  if (safetySnapshot === null) return;
  world.add(safetySnapshot, source, 'safety', before);
  await takeBack(world, source, ['undo', nameOf(world, source) ?? '']);
}

async function takeBack(world: World, source: string, args: string[]): Promise<void> {
  const before = inventory(source);
  kill(world, ...args);
  const [safety, ...more] = newIds(world);
  assert.deepEqual(more, []);
  if (safety !== undefined) world.add(safety, source, 'safety', before);
  const record = safety && readFileSync(world.box.manifest(safety).replace('.mtree.gz', '.json'), 'utf8');
  const { restore } = JSON.parse(record ?? '{}') as { restore?: { drafts?: string } };
  if (restore) return undo(world, source, before, restore.drafts);
  assert.deepEqual(withoutInodes(inventory(source)), withoutInodes(before), 'nothing is written before all is safe');
}

// Unless it has ended before it comes to that change.
function kill(world: World, ...args: string[]): void {
  const counter = world.box.path('changes');
  rmSync(counter, { force: true });
  const { dice } = world;
  // What stands and what does not is decided by renames, which are few among all changes.
  const renames = dice.chance(0.5);
  const { signal, status, stderr } = runProgram(
    process.execPath,
    ['--require', resolve('test/fault/support/kill-at.cjs'), CLI, ...args, '--json'],
    {
      cwd: world.box.dir,
      env: {
        ...world.box.env,
        PHLB_TEST_KILL_COUNT: counter,
        PHLB_TEST_KILL_AT: String(1 + dice.below(renames ? MAX_RENAMES : MAX_CHANGES)),
        ...(renames ? { PHLB_TEST_KILL_CALL: 'renameSync' } : {}),
      },
    },
  );
  assert.ok(signal === 'SIGKILL' || status === 0 || status === 3, `phlb ${args.join(' ')}: ${status} ${stderr}`);
}
