/** Edits and backups, the life of most people. Each step is judged on the spot by what the model says of it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PhlbError } from '../../src/engine/words/errors.js';
import type { BackupResult } from '../../src/engine/words/model.js';
import { nameFromBuffer } from '../../src/engine/words/names.js';
import { applyEdit, editArbitrary } from '../support/edits.js';
import { assertSameTrees } from '../support/judges.js';
import { CLI, type SnapshotJson } from '../support/sandbox.js';
import { inventory, toBytes, toPath, type Bytes, type Node } from '../support/trees.js';
import { bytes, withoutInodes } from './nodes.js';
import { chooseSource, newIds, type World } from './world.js';

const MAX_ENTRIES = 120;

// A FIFO is only recorded, so no restore brings it back.
const edit = editArbitrary.filter(({ kind }) => kind !== 'fifo');

export function editSource(world: World): void {
  const { dice } = world;
  const source = chooseSource(world);
  for (const one of dice.sample(edit, 1 + dice.below(10))) applyEdit(source, one);
  // Too large to be kept in memory until its place is known; some of them equal.
  if (dice.chance(0.15)) {
    const bytes = Buffer.alloc(1_500_000 + dice.below(3), 'large ');
    writeFileSync(join(source, `large${dice.below(3)}`), bytes);
  }
  if (dice.chance(0.1)) copyFolder(source, chooseSource(world));
  const names = [...inventory(source).keys()];
  while (names.length > MAX_ENTRIES) {
    rmSync(toPath(`${toBytes(source)}/${names.splice(1 + dice.below(names.length - 1), 1)[0]}`), {
      recursive: true,
      force: true,
    });
  }
}

function copyFolder(from: string, to: string): void {
  const target = join(to, 'copied');
  if (from !== to && !existsSync(target)) execFileSync('cp', ['-a', from, target]);
}

export async function backup(world: World): Promise<void> {
  const { dice, engine, location } = world;
  const source = chooseSource(world);
  const was = inventory(source);
  const checksum = dice.chance(0.15);
  const skipUnchanged = dice.chance(0.15);
  const result = await engine.call('backup', { location, source, rules: { exclude: [] }, checksum, skipUnchanged });
  if (result.id === null) {
    assert.ok(skipUnchanged && !result.published);
    const newest = world.of(source).findLast(kept => kept.kind === 'snapshot' && kept.lost !== 'record');
    assert.ok(newest, 'nothing has changed since no snapshot at all');
    if (!newest.recordRehashed) assert.deepEqual(withoutInodes(was), withoutInodes(newest.nodes), newest.id);
    return;
  }
  published(world, result, source, was);
}

const DAY = 86_400_000;

/** Of the command line, with a clock that is set forward or back. */
export function backupAtAnotherTime(world: World): void {
  const { dice } = world;
  const source = chooseSource(world);
  const was = inventory(source);
  const shift = String((dice.chance(0.5) ? -1 : 1) * (1 + dice.below(40)) * (DAY / 24));
  const { status, stdout, stderr } = world.box.run(
    [process.execPath, '--require', resolve('scripts/start/past-clock.cjs'), CLI, 'backup', source, '--json'],
    { PHLB_SAMPLE_SHIFT_MS: shift },
  );
  assert.equal(status, 0, stderr);
  const [result] = (JSON.parse(stdout) as { snapshots: SnapshotJson[] }).snapshots;
  assert.ok(result);
  // What is not valid UTF-8 is exact there only.
  const damaged = result.damaged.map(({ path, pathBase64, snapshot }) => ({
    path: pathBase64 === undefined ? path : nameFromBuffer(Buffer.from(pathBase64, 'base64')),
    snapshot,
  }));
  published(world, { ...result, damaged }, source, was);
}

/** Cancelled at any moment, a run has published its snapshot or has left nothing that counts. */
export async function cancelBackup(world: World): Promise<void> {
  const source = world.dice.pick(world.sources) ?? '';
  const was = inventory(source);
  const signal = AbortSignal.timeout(world.dice.below(80));
  try {
    const result = await world.engine.call(
      'backup',
      { location: world.location, source, rules: { exclude: [] } },
      { signal },
    );
    published(world, result, source, was);
  } catch (error) {
    if (!PhlbError.is(error, 'cancelled')) throw error;
    assert.deepEqual(newIds(world), []);
  }
}

export function published(
  world: World,
  result: Pick<BackupResult, 'id' | 'errors' | 'damaged'>,
  source: string,
  was: Map<Bytes, Node>,
): void {
  assert.deepEqual(result.errors, []);
  assert.ok(result.id !== null);
  assert.deepEqual(withoutInodes(inventory(source)), withoutInodes(was), 'a backup changes nothing in its source');
  for (const { snapshot, path } of result.damaged) assertDamaged(world, snapshot, bytes(path));
  const kept = world.add(result.id, source, 'snapshot', was);
  if (world.damagedPaths(kept).length === 0) assertSameTrees(source, world.tree(kept));
}

function assertDamaged(world: World, id: string, path: Bytes): void {
  const kept = world.kept.find(one => one.id === id);
  assert.ok(kept && world.damagedPaths(kept).includes(path), `${id} ${path} is called damaged, but is not`);
}
