/** Several processes at once. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { startPhlb } from '../fault/support/processes.js';
import type { SnapshotJson } from '../support/sandbox.js';
import { inventory } from '../support/trees.js';
import { assertMayGo } from './keeping.js';
import { gone, nameOf, onDisk, type World } from './world.js';

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
