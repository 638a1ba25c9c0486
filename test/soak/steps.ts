/** What people do with PHLB, each step judged on the spot by what the model says of it. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { BackupResult, RestoreResult, VerifyResult } from '../../src/engine/model.js';
import { nameFromBuffer, nameToBuffer } from '../../src/engine/names.js';
import { applyEdit, editArbitrary } from '../unit/support/edits.js';
import { assertManifestTells, assertSameHardlinks, assertSameTrees } from '../unit/support/judges.js';
import { CLI, type SnapshotJson } from '../unit/support/sandbox.js';
import { inventory, removeTree, toBytes, toPath, type Bytes, type Node } from '../unit/support/trees.js';
import { listTrees } from './listing.js';
import { split, type Kept, type World } from './world.js';

const DAY = 86_400_000;
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
  const { dice, engine, place } = world;
  const source = chooseSource(world);
  const was = inventory(source);
  const checksum = dice.chance(0.15);
  const skipUnchanged = dice.chance(0.15);
  const result = await engine.call('backup', { place, source, rules: { exclude: [] }, checksum, skipUnchanged });
  if (result.id === null) {
    assert.ok(skipUnchanged && !result.published);
    const newest = world.of(source).findLast(kept => kept.kind === 'snapshot' && kept.lost !== 'record');
    assert.ok(newest, 'nothing has changed since no snapshot at all');
    if (!newest.recordRehashed) assert.deepEqual(withoutInodes(was), withoutInodes(newest.nodes), newest.id);
    return;
  }
  published(world, result, source, was);
}

/** Of the command line, with a clock that is set forward or back. */
export function backupAtAnotherTime(world: World): void {
  const { dice } = world;
  const source = chooseSource(world);
  const was = inventory(source);
  const shift = String((dice.chance(0.5) ? -1 : 1) * (1 + dice.below(40)) * (DAY / 24));
  const { status, stdout, stderr } = world.box.run(
    [process.execPath, '--require', resolve('scripts/past-clock.cjs'), CLI, 'backup', source, '--json'],
    { PHLB_SAMPLE_SHIFT_MS: shift },
  );
  assert.equal(status, 0, stderr);
  const [result] = (JSON.parse(stdout) as { snapshots: SnapshotJson[] }).snapshots;
  assert.ok(result);
  published(world, result, source, was);
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

/** As a person does who knows nothing of PHLB. */
export function removeByHand(world: World): void {
  const victim = world.dice.pick(world.kept);
  if (!victim) return;
  rmSync(world.tree(victim), { recursive: true });
  world.drop([victim.id]);
}

export async function deleteSome(world: World): Promise<void> {
  const { dice, engine, place } = world;
  const victims = [...new Set([dice.pick(world.kept), dice.pick(world.kept)])].flatMap(kept => kept ?? []);
  if (victims.length === 0) return;
  const ids = victims.map(({ id }) => id);
  // A record that is not there pins nothing.
  if (victims.some(({ pinned, lost }) => pinned && lost !== 'record')) {
    await assert.rejects(engine.call('delete', { place, snapshots: ids }), /Pinned/);
    return;
  }
  const { deleted } = await engine.call('delete', { place, snapshots: ids });
  assert.deepEqual(deleted, ids);
  world.drop(ids);
}

export async function prune(world: World): Promise<void> {
  const { dice, engine, place } = world;
  const keepLast = 1 + dice.below(4);
  const source = chooseSource(world);
  const name = nameOf(world, source);
  if (name === undefined) return;
  const request = { place, name, rules: { keepLast } };
  const planned = await engine.call('prune', { ...request, dryRun: true });
  const { sources } = await engine.call('prune', request);
  assert.deepEqual(sources, planned.sources, 'what was planned is what is done');
  const deleted = sources.flatMap(one => one.deleted.map(({ id }) => id));
  assertMayGo(world, source, deleted, keepLast);
  world.drop(deleted);
}

export function assertMayGo(world: World, source: string, ids: readonly string[], keepLast: number): void {
  const snapshots = world.of(source).filter(({ kind }) => kind === 'snapshot');
  for (const id of ids) {
    const kept = snapshots.find(one => one.id === id);
    assert.ok(kept, `${id} is none of the source's snapshots`);
    assert.ok(!kept.pinned || kept.recordRehashed, `${id} is pinned`);
    assert.ok(kept.lost !== 'record', `${id} cannot be read, so it must stay`);
  }
  const readable = snapshots.filter(({ lost }) => lost !== 'record');
  const newest = readable.slice(-keepLast).map(({ id }) => id);
  // After a lost record the order is a guess.
  if (snapshots.some(({ recordRehashed }) => recordRehashed)) return;
  assert.deepEqual(
    newest.filter(id => ids.includes(id)),
    [],
    `of the newest ${keepLast}`,
  );
}

export async function annotate(world: World): Promise<void> {
  const { dice, engine, place } = world;
  const kept = dice.pick(world.kept);
  if (!kept || kept.lost === 'record') return;
  if (dice.chance(0.5)) kept.label = dice.pick(['before the move', 'ä "quoted"', null]) ?? null;
  else kept.pinned = !kept.pinned && dice.chance(0.5);
  await engine.call('annotate', { place, snapshot: kept.id, label: kept.label, pinned: kept.pinned });
}

export async function listAll(world: World): Promise<void> {
  const { sources } = await world.engine.call('list', { place: world.place, all: true });
  for (const source of world.sources) {
    const listed = sources.find(one => one.source === source)?.snapshots ?? [];
    const expected = world.of(source);
    const names = listed.map(({ id }) => id);
    if (expected.some(({ lost, recordRehashed }) => lost === 'record' || recordRehashed)) {
      assert.deepEqual(names.sort(), expected.map(({ id }) => id).sort());
    } else {
      assert.deepEqual(
        names,
        expected.map(({ id }) => id),
        'in the order in which they were made',
      );
    }
    for (const { id, label, pinned, kind, problem } of listed) {
      const kept = expected.find(one => one.id === id);
      assert.equal(problem !== undefined, kept?.lost === 'record', id);
      if (kept?.lost === null && !kept.recordRehashed) {
        assert.deepEqual({ label, pinned, kind }, { label: kept.label, pinned: kept.pinned, kind: kept.kind }, id);
      }
    }
  }
}

/** Everything of one snapshot to a new folder. */
export async function restoreElsewhere(world: World): Promise<void> {
  const { dice, engine, place, box } = world;
  const kept = dice.pick(world.kept.filter(({ lost }) => lost === null));
  if (!kept) return;
  const to = box.path('restored');
  try {
    const { errors } = await engine.call('restore', { place, snapshot: kept.id, paths: [], to });
    const harmed = new Set(world.damagedPaths(kept));
    const named = new Set(errors.map(({ path }) => bytes(path)));
    for (const path of named) assert.ok(harmed.has(path), `${kept.id} ${path} is sound, but was not restored`);
    const restored = existsSync(to) ? inventory(to) : new Map<Bytes, Node>();
    for (const [path, node] of kept.nodes) {
      const is = restored.get(path);
      if (harmed.has(path) && is?.sha256 !== node.sha256) {
        assert.ok(!is && named.has(path), `${kept.id} ${path} is damaged, and nobody is told`);
      } else if (kept.rehashed)
        assert.deepEqual([is?.type, is?.sha256, is?.target], [node.type, node.sha256, node.target]);
      else assertSameNode(`${kept.id} ${path}`, is, node);
    }
    assert.deepEqual(
      [...restored.keys()].filter(path => !kept.nodes.has(path)),
      [],
    );
    if (harmed.size === 0 && !kept.rehashed) assertSameHardlinks(kept.nodes, restored);
  } finally {
    removeTree(to);
  }
}

/** A snapshot or a path of it back into the source, and (mostly) undone, and that undone too. */
export async function restoreAndUndo(world: World): Promise<void> {
  const { dice, engine, place } = world;
  const kept = chooseRestorable(world);
  if (!kept) return;
  const { source } = kept;
  prepareForRestore(source, kept);
  const before = inventory(source);
  const path = dice.chance(0.5) ? undefined : dice.pick([...kept.nodes.keys()].filter(name => name !== ''));
  const whole = path === undefined;
  const request = { place, snapshot: kept.id, paths: whole ? [] : [text(path)], delete: whole };
  const told = await engine.call('restore', request);
  assert.deepEqual(told.errors, []);
  addSafety(world, told, source, before);
  const after = inventory(source);
  const expected = whole ? kept.nodes : restricted(kept.nodes, path);
  for (const [name, node] of expected) assertSameNode(`${name} as restored from ${kept.id}`, after.get(name), node);
  if (whole) {
    assert.deepEqual([...after.keys()].sort(), [...kept.nodes.keys()].sort());
    assertSameHardlinks(kept.nodes, after);
  }
  if (told.safetySnapshot === null || dice.chance(0.3)) return;
  await undo(world, source, before);
  if (dice.chance(0.3)) await undo(world, source, after);
}

export async function undo(world: World, source: string, expected: Map<Bytes, Node>): Promise<void> {
  const before = inventory(source);
  const name = nameOf(world, source) ?? '';
  const told = await world.engine.call('undo', { place: world.place, name });
  assert.deepEqual(told.errors, []);
  addSafety(world, told, source, before);
  assert.deepEqual(withoutInodes(inventory(source)), withoutInodes(expected), 'undo takes it back');
}

function addSafety(world: World, { safetySnapshot }: RestoreResult, source: string, was: Map<Bytes, Node>): void {
  if (safetySnapshot !== null) world.add(safetySnapshot, source, 'safety', was);
}

/** Whose rules are known and which is whole, so that it can be made the source's state again. */
export function chooseRestorable(world: World): Kept | undefined {
  return world.dice.pick(world.kept.filter(kept => kept.kind === 'snapshot' && !kept.rehashed && world.isSound(kept)));
}

// Nothing is written through a symlink, so that one in the place of a folder stays and is named.
export function prepareForRestore(source: string, kept: Kept): void {
  for (const [path, { type }] of inventory(source)) {
    if (type === 'link' && kept.nodes.get(path)?.type === 'dir') rmSync(toPath(`${toBytes(source)}/${path}`));
  }
}

export async function purge(world: World, glob = chooseGlob(world)): Promise<void> {
  if (glob === undefined) return;
  const { removed } = await world.engine.call('purge', { place: world.place, glob, dryRun: false });
  for (const { snapshot, path } of removed) assert.ok(matches(bytes(path), glob), `${snapshot} ${path}`);
  forgetPurged(world, glob);
}

export function chooseGlob(world: World): string | undefined {
  const names = world.kept.flatMap(({ nodes }) => [...nodes.keys()].map(path => path.slice(path.lastIndexOf('/') + 1)));
  return world.dice.pick([...new Set(names)].filter(name => /^[A-Za-z0-9]+$/.test(name)));
}

/** Takes what was purged out of the model; the manifests have to say the same. */
export function forgetPurged(world: World, glob: string): void {
  for (const kept of world.kept.filter(({ lost }) => lost === null)) {
    const gone = [...kept.nodes.keys()].filter(path => matches(path, glob));
    for (const path of gone) {
      kept.nodes.delete(path);
      kept.stored.delete(path);
      world.missing.delete(`${kept.id} ${path}`);
    }
    if (gone.length > 0 && !kept.rehashed) assertManifestTells(world.box.manifest(kept.id), kept.nodes);
  }
}

function matches(path: Bytes, name: string): boolean {
  return path.split('/').includes(name);
}

/** Finds exactly what was damaged, and marks it. */
export async function verify(world: World): Promise<void> {
  assertFound(world, await world.engine.call('verify', { place: world.place, snapshots: [] }));
  for (const damage of world.damaged.values()) damage.told = true;
}

/** Mends all of which there is a sound copy, and nothing else. */
export async function heal(world: World): Promise<void> {
  const live = new Map(world.sources.map(source => [source, inventory(source)]));
  const mendable = new Set(damagedNames(world).filter(name => hasCopy(world, name, live)));
  const result = await world.engine.call('verify', { place: world.place, snapshots: [], heal: true });
  assertFound(world, result);
  for (const damage of world.damaged.values()) damage.told = true;
  const healed = result.healed.map(({ snapshot, path }) => `${snapshot} ${bytes(path)}`);
  assert.deepEqual(healed.sort(), [...mendable].sort(), 'healed');
  reviseDamage(world);
  const left = new Set(damagedNames(world));
  for (const name of mendable) assert.ok(!left.has(name), `${name} was not healed`);
}

/** Takes out of the damage what a heal has mended. */
export function reviseDamage(world: World): void {
  const trees = listTrees(world.box.root);
  for (const name of damagedNames(world)) {
    const [id, path] = split(name);
    const kept = world.kept.find(one => one.id === id);
    const is = trees.get(id)?.get(path);
    if (!kept || !is || is.sha256 !== kept.nodes.get(path)?.sha256) continue;
    kept.stored.set(path, { ...(kept.stored.get(path) ?? is), inode: is.inode });
    world.missing.delete(name);
  }
}

function assertFound(world: World, { damaged }: VerifyResult): void {
  const lost = world.kept.filter(kept => kept.lost !== null).map(({ id }) => `${id} `);
  const found = damaged.map(({ snapshot, path }) => `${snapshot} ${bytes(path)}`);
  // Where the record alone is gone, the tree is compared all the same.
  assert.deepEqual([...new Set(found)].sort(), [...damagedNames(world), ...lost].sort(), 'the damage');
}

/** `ID PATH` of all that was damaged or removed. */
export function damagedNames(world: World): string[] {
  return world.kept.flatMap(kept => world.damagedPaths(kept).map(path => `${kept.id} ${path}`));
}

// In the store, or in a source where a snapshot of it has it.
function hasCopy(world: World, name: string, live: Map<string, Map<Bytes, Node>>): boolean {
  const [id, path] = split(name);
  const sha256 = world.kept.find(one => one.id === id)?.nodes.get(path)?.sha256;
  // Of folders and links the manifest says all.
  if (sha256 === undefined) return true;
  return world.kept.some(kept => {
    if (kept.lost !== null) return false;
    const harmed = new Set(world.damagedPaths(kept));
    const now = kept.recordRehashed ? undefined : live.get(kept.source);
    return [...kept.nodes].some(
      ([other, node]) => node.sha256 === sha256 && (!harmed.has(other) || now?.get(other)?.sha256 === sha256),
    );
  });
}

export async function rebuild(world: World): Promise<void> {
  const { errors } = await world.engine.call('rebuild', { place: world.place });
  // The index holds no safety snapshots.
  const lost = world.kept.filter(kept => kept.lost !== null && kept.kind === 'snapshot').map(({ id }) => id);
  assert.deepEqual([...new Set(errors.map(({ path }) => path))].sort(), lost.sort());
}

/** Makes lost manifests and records again. */
export async function rehash(world: World): Promise<void> {
  const { errors } = await world.engine.call('rebuild', { place: world.place, rehash: true });
  assert.deepEqual(errors, []);
  for (const kept of world.kept.filter(({ lost }) => lost !== null)) {
    if (kept.lost === 'record') {
      kept.recordRehashed = true;
      kept.pinned = false;
      kept.label = null;
    }
    kept.lost = null;
    kept.rehashed = true;
  }
}

function assertDamaged(world: World, id: string, path: Bytes): void {
  const kept = world.kept.find(one => one.id === id);
  assert.ok(kept && world.damagedPaths(kept).includes(path), `${id} ${path} is called damaged, but is not`);
}

function assertSameNode(what: string, is: Node | undefined, node: Node): void {
  assert.ok(is, what);
  assert.deepEqual(comparable(is), comparable(node), what);
}

export function withoutInodes(nodes: Map<Bytes, Node>): unknown[] {
  return [...nodes]
    .map(([path, node]) => [path, comparable(node)])
    .sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));
}

function comparable({ type, mode, mtime, size, sha256, target }: Node): object {
  // As the edits set them, to the microsecond.
  return { type, mode, micros: mtime / 1000n, size, sha256, target };
}

function restricted(nodes: Map<Bytes, Node>, path: Bytes): Map<Bytes, Node> {
  return new Map([...nodes].filter(([name]) => name === path || name.startsWith(`${path}/`)));
}

function chooseSource(world: World): string {
  return world.dice.pick(world.sources) ?? '';
}

export function nameOf(world: World, source: string): string | undefined {
  return world.of(source)[0]?.id.split('/')[0];
}

export function bytes(path: string): Bytes {
  return nameToBuffer(path).toString('latin1');
}

function text(path: Bytes): string {
  return nameFromBuffer(toPath(path));
}
