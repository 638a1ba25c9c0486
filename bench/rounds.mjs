// The rounds: in each, every contestant starts with nothing, and they take turns at every row.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { allocatedBytes, measure, remove, settle } from './measure.mjs';

/**
 * @returns by row id, then by contestant id, one sample a round: what `measure` tells, and as `takenBytes` the growth of
 *   everything that the contestant keeps, caches too
 */
export async function runRounds({ ground, scratch, program, tree, contestants, rows, rounds, hasTime }) {
  const measurements = Object.fromEntries(
    rows.map(row => [row.id, Object.fromEntries(takingPart(row, contestants).map(({ id }) => [id, []]))]),
  );
  for (let round = 0; round < rounds; round++) {
    const order = rotated(contestants, round);
    const places = new Map();
    for (const contestant of order) {
      places.set(contestant.id, await makePlace(contestant, { scratch, program, tree: tree.path }));
    }
    for (const row of rows) {
      row.prepare?.(tree, round);
      for (const contestant of takingPart(row, order)) {
        const sample = await takeTurn(row, contestant, places.get(contestant.id), { ground, scratch, tree, hasTime });
        measurements[row.id][contestant.id].push(sample);
        const what = `${ground.id}, round ${round + 1}, ${row.id}, ${contestant.id}`;
        console.error(`${what}: ${sample.seconds.toFixed(3)} s`);
      }
    }
    for (const { folder } of places.values()) remove(folder);
  }
  return measurements;
}

function takingPart(row, contestants) {
  return contestants.filter(({ commands }) => commands[row.id]);
}

// Nobody always runs first, or always after the same kind of neighbour's leftovers.
function rotated(list, by) {
  const at = by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

/**
 * Where one contestant works in one round: `folder` is all its own, `next` the snapshot that it is to make, `last` the one
 * before, `program` PHLB's folder. The environment leads to that folder too, and carries no settings of the user's.
 */
async function makePlace({ id, program: command, setup }, { scratch, program, tree }) {
  const folder = join(scratch, id);
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary, { recursive: true });
  const env = { PATH: process.env.PATH, LANG: 'C.UTF-8', HOME: folder, TMPDIR: temporary, RESTIC_PASSWORD: 'bench' };
  const place = { folder, program, tree, env, last: undefined, next: undefined, takenBytes: 0 };
  if (setup) await measure([command, ...setup(place)], { env });
  place.takenBytes = allocatedBytes(folder);
  return place;
}

async function takeTurn(row, contestant, place, { ground, scratch, tree, hasTime }) {
  const command = contestant.commands[row.id];
  place.last = place.next;
  place.next = join(place.folder, row.id);
  const argv = [contestant.program, ...command.args(place)];
  if (ground.flush) settle(scratch);
  const sample = await measure(ground.flush && command.flush ? flushed(argv, place.folder) : argv, {
    env: place.env,
    usageFile: hasTime ? join(scratch, 'usage') : undefined,
  });
  contestant.check?.(row, sample.output, tree);
  const before = place.takenBytes;
  place.takenBytes = allocatedBytes(place.folder);
  return { ...sample, takenBytes: place.takenBytes - before };
}

function flushed(argv, folder) {
  return ['sh', '-c', '"$@" && sync -f "$0"', folder, ...argv];
}
