/** Restores, and undoing them. */
import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import type { RestoreResult } from '../../src/engine/words/model.js';
import { nameFromBuffer } from '../../src/engine/words/names.js';
import { assertSameHardlinks, readManifest } from '../support/judges.js';
import { inventory, removeTree, toBytes, toPath, type Bytes, type Node } from '../support/trees.js';
import { bytes, comparable, withoutInodes } from './nodes.js';
import { type Kept, nameOf, type World } from './world.js';

/** Everything of one snapshot to a new folder. */
export async function restoreElsewhere(world: World): Promise<void> {
  const { dice, engine, location, box } = world;
  const kept = dice.pick(world.kept.filter(({ lost }) => lost === null));
  if (!kept) return;
  const to = box.path('restored');
  try {
    const { errors } = await engine.call('restore', { location, snapshot: kept.id, paths: [], to });
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
  const { dice, engine, location } = world;
  const kept = chooseRestorable(world);
  if (!kept) return;
  const { source } = kept;
  prepareForRestore(source, kept);
  const before = inventory(source);
  const path = dice.chance(0.5) ? undefined : dice.pick([...kept.nodes.keys()].filter(name => name !== ''));
  const whole = path === undefined;
  const request = { location, snapshot: kept.id, paths: whole ? [] : [text(path)], delete: whole };
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

/** @param drafts what the private names begin with that a dead restore has left */
export async function undo(world: World, source: string, expected: Map<Bytes, Node>, drafts?: string): Promise<void> {
  const before = inventory(source);
  const name = nameOf(world, source) ?? '';
  const told = await world.engine.call('undo', { location: world.location, name });
  assert.deepEqual(told.errors, []);
  if (drafts !== undefined && told.safetySnapshot !== null) {
    withoutDrafts(before, drafts, readManifest(world.box.manifest(told.safetySnapshot)));
  }
  addSafety(world, told, source, before);
  assert.deepEqual(withoutInodes(inventory(source)), withoutInodes(expected), 'undo takes it back');
}

// They go before anything is saved, which changes the times of their folders.
function withoutDrafts(before: Map<Bytes, Node>, drafts: string, saved: Map<Bytes, Omit<Node, 'inode'>>): void {
  for (const path of [...before.keys()]) {
    if (!path.slice(path.lastIndexOf('/') + 1).startsWith(drafts)) continue;
    before.delete(path);
    const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
    const [was, is] = [before.get(folder), saved.get(folder)];
    if (was && is) before.set(folder, { ...was, mtime: is.mtime });
  }
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

function assertSameNode(what: string, is: Node | undefined, node: Node): void {
  assert.ok(is, what);
  assert.deepEqual(comparable(is), comparable(node), what);
}

function restricted(nodes: Map<Bytes, Node>, path: Bytes): Map<Bytes, Node> {
  return new Map([...nodes].filter(([name]) => name === path || name.startsWith(`${path}/`)));
}

function text(path: Bytes): string {
  return nameFromBuffer(toPath(path));
}
