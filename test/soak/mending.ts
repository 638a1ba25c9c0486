/** What alters published trees or makes lost files again, when asked to: heal, purge, rebuild; and verify, which tells what to ask for. */
import assert from 'node:assert/strict';
import type { VerifyResult } from '../../src/engine/words/model.js';
import { assertManifestTells } from '../support/judges.js';
import { inventory, type Bytes, type Node } from '../support/trees.js';
import { listTrees } from './listing.js';
import { bytes } from './nodes.js';
import { damagedNames, split, type World } from './world.js';

/** Finds exactly what was damaged, and marks it. */
export async function verify(world: World): Promise<void> {
  assertFound(world, await world.engine.call('verify', { location: world.location, snapshots: [] }));
  for (const damage of world.damaged.values()) damage.told = true;
}

/** Mends all of which there is a sound copy, and nothing else. */
export async function heal(world: World): Promise<void> {
  const live = new Map(world.sources.map(source => [source, inventory(source)]));
  const mendable = new Set(damagedNames(world).filter(name => hasCopy(world, name, live)));
  const result = await world.engine.call('verify', { location: world.location, snapshots: [], heal: true });
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
  const { errors } = await world.engine.call('rebuild', { location: world.location });
  // The index holds no safety snapshots.
  const lost = world.kept.filter(kept => kept.lost !== null && kept.kind === 'snapshot').map(({ id }) => id);
  assert.deepEqual([...new Set(errors.map(({ path }) => path))].sort(), lost.sort());
}

/** Makes lost manifests and records again. */
export async function rehash(world: World): Promise<void> {
  const { errors } = await world.engine.call('rebuild', { location: world.location, rehash: true });
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

export async function purge(world: World, glob = chooseGlob(world)): Promise<void> {
  if (glob === undefined) return;
  const { removed } = await world.engine.call('purge', { location: world.location, glob, dryRun: false });
  for (const { snapshot, path } of removed) assert.ok(matches(bytes(path), glob), `${snapshot} ${path}`);
  forgetPurged(world, glob);
}

export function chooseGlob(world: World): string | undefined {
  const names = world.kept.flatMap(({ nodes }) => [...nodes.keys()].map(path => path.slice(path.lastIndexOf('/') + 1)));
  return world.dice.pick([...new Set(names)].filter(name => /^[A-Za-z0-9]+$/.test(name)));
}

/** Takes what was purged out of the model; the manifests have to say the same. */
function forgetPurged(world: World, glob: string): void {
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
