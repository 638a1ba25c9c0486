/** What befalls a backup location: damage, lost files of PHLB's own, processes that die, and several at once. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { PhlbError } from '../../src/engine/errors.js';
import { startPhlb } from '../fault/support/processes.js';
import type { SnapshotJson } from '../unit/support/sandbox.js';
import { CLI } from '../unit/support/sandbox.js';
import { inventory, toBytes, toPath, type Bytes } from '../unit/support/trees.js';
import {
  assertMayGo,
  chooseGlob,
  chooseRestorable,
  damagedNames,
  heal,
  nameOf,
  prepareForRestore,
  published,
  purge,
  rehash,
  reviseDamage,
  undo,
  withoutInodes,
} from './steps.js';
import type { Kept, World } from './world.js';

/** More would mostly be about what was damaged before. */
const MOST_DAMAGED = 12;
const MAX_CHANGES = 160;

/** A bit flips on the disk (size and time as before), an editor writes in place, or a file is cut off. */
export function damage(world: World): void {
  const { dice } = world;
  const found = dice.pick(harmable(world).filter(({ sha256 }) => sha256 !== undefined));
  if (!found || damagedNames(world).length > MOST_DAMAGED) return;
  const file = pathOf(world, found);
  const { mode, mtimeNs, size } = lstatSync(file, { bigint: true });
  if (size === 0n) return;
  const how = dice.choose([
    [4, 'flip'],
    [2, 'edit'],
    [1, 'cut'],
  ] as const);
  chmodSync(file, 0o644);
  if (how === 'cut') truncateSync(file, Number(size) - 1);
  else
    writeFileSync(
      file,
      readFileSync(file).map(byte => byte ^ 1),
    );
  const seconds = how === 'flip' ? (Number(mtimeNs / 1000n) + 0.5) / 1e6 : 1_000_000_000;
  utimesSync(file, seconds, seconds);
  chmodSync(file, Number(mode & 0o7777n));
  world.damaged.set(found.inode, { told: how !== 'flip' });
  world.doubled.add(found.sha256 ?? '');
}

/** A file, a link or a folder with all that is in it goes from a snapshot. */
export function removeStored(world: World): void {
  const found = world.dice.pick(harmable(world).filter(({ path }) => path !== ''));
  if (!found || damagedNames(world).length > MOST_DAMAGED) return;
  const { kept, path } = found;
  rmSync(pathOf(world, found), { recursive: true });
  for (const [name, { sha256 }] of kept.nodes) {
    if (name !== path && !name.startsWith(`${path}/`)) continue;
    world.missing.add(`${kept.id} ${name}`);
    if (sha256 !== undefined) world.doubled.add(sha256);
  }
}

interface Harmable {
  kept: Kept;
  path: Bytes;
  inode: string;
  sha256: string | undefined;
}

// In one snapshot. Not what a snapshot shares whose manifest is to be made again from what then stands there.
function harmable(world: World): Harmable[] {
  const spared = new Set(
    world.kept
      .filter(({ lost }) => lost !== null)
      .flatMap(({ stored }) => [...stored.values()].map(({ inode }) => inode)),
  );
  const kept = world.dice.pick(world.kept.filter(({ lost }) => lost === null));
  if (!kept) return [];
  const harmed = new Set(world.damagedPaths(kept));
  return [...kept.stored]
    .map(([path, { inode }]) => ({ kept, path, inode, sha256: kept.nodes.get(path)?.sha256 }))
    .filter(({ path, inode }) => !harmed.has(path) && !spared.has(inode));
}

function pathOf(world: World, { kept, path }: Harmable): Buffer {
  return toPath(`${toBytes(world.tree(kept))}/${path}`);
}

/** The index goes, is garbage, or is cut off: nobody hears of it. */
export function damageIndex(world: World): void {
  const { dice, box } = world;
  const folder = join(box.state, 'index');
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const file = join(folder, name);
    dice.choose([
      [2, () => rmSync(file)],
      [2, () => writeFileSync(file, 'garbage '.repeat(dice.below(2000)))],
      [1, () => truncateSync(file, dice.below(lstatSync(file).size + 1))],
      [1, () => undefined],
    ])();
  }
}

/** A manifest or a record goes, or cannot be read any more. */
export function loseManifest(world: World): void {
  const { dice, box } = world;
  const kept = dice.pick(world.kept.filter(one => world.isSound(one)));
  if (!kept) return;
  // The record of a safety snapshot says what undo has to do: it cannot be made again.
  const what = kept.kind === 'snapshot' && dice.chance(0.4) ? 'record' : 'manifest';
  const manifest = box.manifest(kept.id);
  const file = what === 'record' ? manifest.replace('.mtree.gz', '.json') : manifest;
  if (dice.chance(0.5)) rmSync(file);
  else writeFileSync(file, '{"garbage');
  kept.lost = what;
  // No run finds these contents now.
  for (const { sha256 } of kept.nodes.values()) if (sha256 !== undefined) world.doubled.add(sha256);
}

/** Dies by kill -9 at one of its changes to the disk, whichever it is. Returns whether it did. */
function kill(world: World, ...args: string[]): boolean {
  const counter = world.box.path('changes');
  rmSync(counter, { force: true });
  const { signal, status, stderr } = spawnSync(
    process.execPath,
    ['--require', resolve('test/fault/support/kill-at.cjs'), CLI, ...args, '--json'],
    {
      cwd: world.box.dir,
      env: {
        ...world.box.env,
        PHLB_TEST_KILL_COUNT: counter,
        PHLB_TEST_KILL_AT: String(1 + world.dice.below(MAX_CHANGES)),
      },
      encoding: 'utf8',
    },
  );
  assert.ok(signal === 'SIGKILL' || status === 0 || status === 3, `phlb ${args.join(' ')}: ${status} ${stderr}`);
  return signal === 'SIGKILL';
}

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
  const { safetySnapshot } = await world.engine.call('restore', { place: world.place, snapshot: id, paths: [] });
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
  if (record !== undefined && 'restore' in (JSON.parse(record) as object)) await undo(world, source, before);
  else
    assert.deepEqual(withoutInodes(inventory(source)), withoutInodes(before), 'nothing is written before all is safe');
}

/** Cancelled at any moment, a run has published its snapshot or has left nothing that counts. */
export async function cancelBackup(world: World): Promise<void> {
  const source = world.dice.pick(world.sources) ?? '';
  const was = inventory(source);
  const signal = AbortSignal.timeout(world.dice.below(80));
  try {
    const result = await world.engine.call(
      'backup',
      { place: world.place, source, rules: { exclude: [] } },
      { signal },
    );
    published(world, result, source, was);
  } catch (error) {
    if (!PhlbError.is(error, 'cancelled')) throw error;
    assert.deepEqual(newIds(world), []);
  }
}

/** Two to six at once: backups of any sources, a prune, a verify. */
export async function together(world: World): Promise<void> {
  const { dice, box } = world;
  const pruned = dice.pick(world.sources) ?? '';
  const name = nameOf(world, pruned);
  const jobs: string[][] = Array.from({ length: 1 + dice.below(4) }, () => ['backup', dice.pick(world.sources) ?? '']);
  if (name !== undefined && dice.chance(0.7)) jobs.push(['prune', name, '--keep-last', '3']);
  if (dice.chance(0.5)) jobs.push(['verify']);
  const states = new Map(world.sources.map(source => [source, inventory(source)]));
  const runs = jobs.map(args => startPhlb(box, ...args, '--json'));
  const ends = await Promise.all(runs.map(run => run.ended));
  const ids = new Set(onDisk(world));
  const made: { id: string; source: string }[] = [];
  for (const [i, { code, said }] of ends.entries()) {
    const [command, source = ''] = jobs[i] ?? [];
    assert.ok(code === 0 || (command === 'verify' && code === 3), `phlb ${jobs[i]?.join(' ')}: ${said}`);
    if (command !== 'backup') continue;
    const { snapshots } = JSON.parse(said.slice(said.indexOf('{"snapshots"'))) as { snapshots: SnapshotJson[] };
    for (const { id, errors } of snapshots) {
      assert.deepEqual(errors, []);
      assert.ok(id !== null && !made.some(one => one.id === id), said);
      made.push({ id, source });
    }
  }
  // In the order in which they were made; those that the prune took at once are gone again.
  const order = (id: string): number =>
    (JSON.parse(readFileSync(box.manifest(id).replace('.mtree.gz', '.json'), 'utf8')) as { sequence: number }).sequence;
  const standing = made.filter(({ id }) => ids.has(id)).sort((a, b) => order(a.id) - order(b.id));
  for (const { id, source } of standing) {
    world.add(id, source, 'snapshot', states.get(source) ?? new Map());
  }
  const went = gone(world, world.of(pruned));
  assertMayGo(world, pruned, went, 3);
  world.drop(went);
  if (jobs.some(([command]) => command === 'verify')) {
    for (const one of world.damaged.values()) one.told = true;
  }
}

// What stands no more of these.
function gone(world: World, kept: readonly Kept[]): string[] {
  return kept.filter(one => !existsSync(world.tree(one))).map(({ id }) => id);
}

function newIds(world: World): string[] {
  const known = new Set(world.kept.map(({ id }) => id));
  return onDisk(world).filter(id => !known.has(id));
}

function onDisk({ box }: World): string[] {
  if (!existsSync(box.root)) return [];
  return readdirSync(box.root)
    .filter(name => name !== '.phlb')
    .flatMap(name => readdirSync(join(box.root, name)).map(stamp => `${name}/${stamp}`));
}
