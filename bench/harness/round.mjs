// Rows of work on a tree, and contestants who take turns at each of them.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { dropCaches } from './caches.mjs';
import { allocatedBytes, measure, remove, settle } from './measure.mjs';

/**
 * One round on one site: everybody starts with nothing.
 * Adds to `measurements`, by row id, then by contestant id, the command's `label` and a sample: what `measure` tells, what the
 * contestant itself does, and as `takenBytes` the growth of everything that it keeps, caches too.
 *
 * A row has an `id`; `kinds`, in which a contestant takes part with the first that it has; `expect` (contestants/phlb.mjs);
 * and may have `prepare(tree, round)`, what happens to the tree before it. Rows build on the ones before them.
 *
 * @param tree its `path`, how many `files` it has, and what `prepare` notes there
 * @param cold before each turn all caches of the kernel are emptied
 * @param apart a contestant goes through all rows by itself, and its files are removed before the next one starts
 * @param usedBytes how much a folder takes
 * @param takesPart(contestant, row, ground, round) leaves out whom it is false for
 */
export async function runRound({ round, site, tree, contestants, rows, measurements, ...options }) {
  const { hasTime, cold = false, apart = false, usedBytes = allocatedBytes, takesPart = () => true } = options;
  const home = join(site.scratch, `round-${round + 1}`);
  const here = { site, tree, hasTime, cold, usedBytes };
  const isIn = (one, row) => commandOf(one, row) && takesPart(one, row, site.ground, round);
  const present = contestants.filter(one => rows.some(row => isIn(one, row)));
  const order = rotated(present, round);
  for (const group of apart ? order.map(one => [one]) : [order]) {
    const places = new Map();
    for (const contestant of group) places.set(contestant.id, await makePlace(contestant, here, home));
    for (const row of rows) {
      row.prepare?.(tree, round);
      for (const contestant of group.filter(one => isIn(one, row))) {
        const sample = await takeTurn(row, contestant, places.get(contestant.id), here);
        note(measurements, row, contestant, site, sample);
        console.error(
          `${site.ground.id}, round ${round + 1}, ${row.id}, ${contestant.id}: ${sample.seconds.toFixed(3)} s`,
        );
      }
    }
    if (apart) remove(home);
  }
  clear(site, home);
}

// Nobody always runs first, or always after the same kind of neighbour's leftovers.
function rotated(list, by) {
  const at = by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

function commandOf({ commands }, { kinds }) {
  return commands[kinds.find(kind => commands[kind])];
}

function note(measurements, row, contestant, { ground }, sample) {
  const { label, flush } = commandOf(contestant, row);
  const shown = flush && ground.flush ? `${label} && sync -f` : label;
  const { samples } = ((measurements[row.id] ??= {})[contestant.id] ??= { label: shown, samples: [] });
  samples.push(sample);
}

/**
 * Where one contestant works in one round: `folder` is all its own, `next` the snapshot that it is to make, `last` the one
 * before, `program` PHLB's folder. The environment leads to that folder too, and carries no settings of the user's.
 */
async function makePlace({ id, program: command, setup }, { site, tree, usedBytes }, home) {
  const folder = join(home, id);
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary, { recursive: true });
  const env = { ...cleanEnvironment(folder), TMPDIR: temporary };
  const place = {
    folder,
    program: site.program,
    tree: tree.path,
    env,
    last: undefined,
    next: undefined,
    takenBytes: 0,
  };
  const args = setup?.(place);
  if (args) await measure([command, ...args], { env });
  place.takenBytes = usedBytes(folder);
  return place;
}

/** An environment without the user's settings. */
export function cleanEnvironment(home) {
  return { PATH: process.env.PATH, LANG: 'C.UTF-8', HOME: home, RESTIC_PASSWORD: 'bench' };
}

async function takeTurn(row, contestant, place, { site, tree, hasTime, cold, usedBytes }) {
  const { ground, scratch } = site;
  const command = commandOf(contestant, row);
  place.last = place.next;
  place.next = join(place.folder, row.id);
  place.moved = tree.moved;
  const argv = [contestant.program, ...command.args(place)];
  if (ground.flush) settle(scratch);
  if (cold) dropCaches();
  const { output, ...sample } = await measure(ground.flush && command.flush ? flushed(argv, place.folder) : argv, {
    env: place.env,
    usageFile: hasTime ? join(scratch, 'usage') : undefined,
  });
  const more = contestant.inspect?.(row, output, tree);
  const before = place.takenBytes;
  place.takenBytes = usedBytes(place.folder);
  return { ...sample, ...more, takenBytes: place.takenBytes - before };
}

/** The same command with the flush of its data behind it. */
export function flushed(argv, folder) {
  return ['sh', '-c', '"$@" && sync -f "$0"', folder, ...argv];
}

/**
 * Deletes what one round has made, except on a disk: ext4 without a journal passes over every inode that was deleted within
 * the last minutes when it looks for a free one (`recently_deleted` in fs/ext4/ialloc.c). `cp -a` of the tree took 45 s
 * right after its like had been deleted, 6 s else.
 */
function clear({ ground }, folder) {
  if (!ground.flush) remove(folder);
}
