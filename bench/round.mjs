// One round on one site: every contestant starts with nothing, and they take turns at every row.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { allocatedBytes, measure, settle } from './measure.mjs';
import { clear } from './site.mjs';

/**
 * Adds to the site's measurements, by row id, then by contestant id, one sample: what `measure` tells, and as `takenBytes`
 * the growth of everything that the contestant keeps, caches too.
 */
export async function runRound({ round, site, contestants, rows, hasTime }) {
  const home = join(site.scratch, `round-${round + 1}`);
  const order = rotated(contestants, round);
  const places = new Map();
  for (const contestant of order) places.set(contestant.id, await makePlace(contestant, site, home));
  for (const row of rows) {
    row.prepare?.(site.tree, round);
    for (const contestant of order.filter(({ commands }) => commands[row.id])) {
      const sample = await takeTurn(row, contestant, { place: places.get(contestant.id), site, hasTime });
      ((site.measurements[row.id] ??= {})[contestant.id] ??= []).push(sample);
      const what = `${site.ground.id}, round ${round + 1}, ${row.id}, ${contestant.id}`;
      console.error(`${what}: ${sample.seconds.toFixed(3)} s`);
    }
  }
  clear(site, home);
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
async function makePlace({ id, program: command, setup }, { program, tree }, home) {
  const folder = join(home, id);
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary, { recursive: true });
  const env = { PATH: process.env.PATH, LANG: 'C.UTF-8', HOME: folder, TMPDIR: temporary, RESTIC_PASSWORD: 'bench' };
  const place = { folder, program, tree: tree.path, env, last: undefined, next: undefined, takenBytes: 0 };
  if (setup) await measure([command, ...setup(place)], { env });
  place.takenBytes = allocatedBytes(folder);
  return place;
}

async function takeTurn(row, contestant, { place, site, hasTime }) {
  const { ground, scratch, tree } = site;
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
