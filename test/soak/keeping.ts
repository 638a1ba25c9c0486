/** What is kept and what goes: listing, labels and pins, deleting and pruning, by PHLB and by hand. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { chooseSource, nameOf, type World } from './world.js';

export async function listAll(world: World): Promise<void> {
  const { sources } = await world.engine.call('list', { location: world.location, all: true });
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

export async function annotate(world: World): Promise<void> {
  const { dice, engine, location } = world;
  const kept = dice.pick(world.kept);
  if (!kept || kept.lost === 'record') return;
  if (dice.chance(0.5)) kept.label = dice.pick(['before the move', 'ä "quoted"', null]) ?? null;
  else kept.pinned = !kept.pinned && dice.chance(0.5);
  await engine.call('annotate', { location, snapshot: kept.id, label: kept.label, pinned: kept.pinned });
}

/** As a person does who knows nothing of PHLB. */
export function removeByHand(world: World): void {
  const victim = world.dice.pick(world.kept);
  if (!victim) return;
  rmSync(world.tree(victim), { recursive: true });
  world.drop([victim.id]);
}

export async function deleteSome(world: World): Promise<void> {
  const { dice, engine, location } = world;
  const victims = [...new Set([dice.pick(world.kept), dice.pick(world.kept)])].flatMap(kept => kept ?? []);
  if (victims.length === 0) return;
  const ids = victims.map(({ id }) => id);
  // A record that is not there pins nothing.
  if (victims.some(({ pinned, lost }) => pinned && lost !== 'record')) {
    await assert.rejects(engine.call('delete', { location, snapshots: ids }), /Pinned/);
    return;
  }
  const { deleted } = await engine.call('delete', { location, snapshots: ids });
  assert.deepEqual(deleted, ids);
  world.drop(ids);
}

export async function prune(world: World): Promise<void> {
  const { dice, engine, location } = world;
  const keepLast = 1 + dice.below(4);
  const source = chooseSource(world);
  const name = nameOf(world, source);
  if (name === undefined) return;
  const request = { location, name, rules: { keepLast } };
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
