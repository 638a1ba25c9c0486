// Rows of work on a tree, and contestants who take turns at each of them.
/** @import { Command, Contestant, Ground, Measurements, Place, Row, Sample, Site, Tree } from '../types.js' */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { dropCaches } from './caches.mjs';
import { allocatedBytes, measure, remove, settle } from './measure.mjs';

/**
 * @typedef {object} RoundOptions
 * @property {boolean} hasTime GNU time is here
 * @property {boolean} [cold] before each turn all caches of the kernel are emptied
 * @property {boolean} [apart] a contestant goes through all rows by itself, and its files are removed before the next one
 *   starts
 * @property {(folder: string) => number} [usedBytes] how much a folder takes
 * @property {(contestant: Contestant, row: Row, ground: Ground, round: number) => boolean} [takesPart] leaves out whom it is
 *   false for
 */

/**
 * @typedef {object} Round
 * @property {number} round from 0
 * @property {Site} site
 * @property {Tree} tree
 * @property {Contestant[]} contestants
 * @property {Row[]} rows
 * @property {Measurements} measurements a sample is added for each turn
 */

/** @typedef {Required<Pick<RoundOptions, 'hasTime' | 'cold' | 'usedBytes'>> & Pick<Round, 'site' | 'tree'>} Here */

/**
 * One round on one site: everybody starts with nothing.
 * @param {Round & RoundOptions} given
 */
export async function runRound({ round, site, tree, contestants, rows, measurements, ...options }) {
  const { hasTime, cold = false, apart = false, usedBytes = allocatedBytes, takesPart = () => true } = options;
  const home = join(site.scratch, `round-${round + 1}`);
  const here = { site, tree, hasTime, cold, usedBytes };
  /** @param {Contestant} one @param {Row} row */
  const commandIn = (one, row) => (takesPart(one, row, site.ground, round) ? commandOf(one, row) : undefined);
  const present = contestants.filter(one => rows.some(row => commandIn(one, row)));
  const order = rotated(present, round);
  for (const group of apart ? order.map(one => [one]) : [order]) {
    const turns = [];
    for (const contestant of group) turns.push({ contestant, place: await makePlace(contestant, here, home) });
    for (const row of rows) {
      row.prepare?.(tree, round);
      for (const { contestant, place } of turns) {
        const command = commandIn(contestant, row);
        if (!command) continue;
        const sample = await takeTurn(row, contestant, command, place, here);
        note(measurements, row, contestant, shownAs(command, site), sample);
        console.error(
          `${site.ground.id}, round ${round + 1}, ${row.id}, ${contestant.id}: ${sample.seconds.toFixed(3)} s`,
        );
      }
    }
    if (apart) remove(home);
  }
  clear(site, home);
}

/**
 * Nobody always runs first, or always after the same kind of neighbour's leftovers.
 * @template T
 * @param {T[]} list
 * @param {number} by
 */
function rotated(list, by) {
  const at = by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

/**
 * @param {Contestant} contestant
 * @param {Row} row
 */
function commandOf({ commands }, { kinds }) {
  const kind = kinds.find(one => commands[one]);
  return kind && commands[kind];
}

/**
 * @param {Command} command
 * @param {Site} site
 */
function shownAs({ label, flush }, { ground }) {
  return flush && ground.flush ? `${label} && sync -f` : label;
}

/**
 * @param {Measurements} measurements
 * @param {Row} row
 * @param {Contestant} contestant
 * @param {string} label
 * @param {Sample} sample
 */
function note(measurements, row, contestant, label, sample) {
  const { samples } = ((measurements[row.id] ??= {})[contestant.id] ??= { label, samples: [] });
  samples.push(sample);
}

/**
 * @param {Contestant} contestant
 * @param {Here} here
 * @param {string} home
 */
async function makePlace({ id, program: command, setup }, { site, tree, usedBytes }, home) {
  const folder = join(home, id);
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary, { recursive: true });
  const env = { ...cleanEnvironment(folder), TMPDIR: temporary };
  /** @type {Place} */
  const place = { folder, program: site.program, tree: tree.path, env, last: '', next: '', moved: [], takenBytes: 0 };
  const args = setup?.(place);
  if (args) await measure([command, ...args], { env });
  place.takenBytes = usedBytes(folder);
  return place;
}

/**
 * An environment without the user's settings.
 * @param {string} home
 */
export function cleanEnvironment(home) {
  return { PATH: process.env.PATH, LANG: 'C.UTF-8', HOME: home, RESTIC_PASSWORD: 'bench' };
}

/**
 * @param {Row} row
 * @param {Contestant} contestant
 * @param {Command} command
 * @param {Place} place
 * @param {Here} here
 * @returns {Promise<Sample>} what `measure` tells, and what the contestant itself does
 */
async function takeTurn(row, contestant, command, place, { site, tree, hasTime, cold, usedBytes }) {
  const { ground, scratch } = site;
  place.last = place.next;
  place.next = join(place.folder, row.id);
  place.moved = tree.moved ?? [];
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

/**
 * The same command with the flush of its data behind it.
 * @param {string[]} argv
 * @param {string} folder
 */
export function flushed(argv, folder) {
  return ['sh', '-c', '"$@" && sync -f "$0"', folder, ...argv];
}

/**
 * Deletes what one round has made, except on a disk: ext4 without a journal passes over every inode that was deleted within
 * the last minutes when it looks for a free one (`recently_deleted` in fs/ext4/ialloc.c). `cp -a` of the tree took 45 s
 * right after its like had been deleted, 6 s else.
 * @param {Site} site
 * @param {string} folder
 */
function clear({ ground }, folder) {
  if (!ground.flush) remove(folder);
}
