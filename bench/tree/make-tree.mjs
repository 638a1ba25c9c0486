// The trees that are backed up: the same one for the same number of files.
/** @import { MadeTree } from '../types.js' */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';

const filesPerDirectory = 20;
const directoriesPerDirectory = 6;
/** @typedef {{ median: number, sigma: number }} Sizes bytes, log-normal */

/** Log-normal, as in source trees: half of the files are below 2 KB, the largest of 50,000 has some MB. */
const sourceSizes = { median: 2000, sigma: 1.75 };
/** One block each, so that a million of them fit. */
export const smallSizes = { median: 400, sigma: 0.6 };
const limits = { min: 16, max: 8 * 1024 * 1024 };
const extensions = ['ts', 'js', 'json', 'md', 'c', 'h', 'py', 'txt', 'png', 'css'];
/** Files written before others have their turn: a signal must not wait for a million. */
const batch = 1000;

/**
 * Writes it, and waits until its time stamps are old enough to be trusted.
 * @param {string} path
 * @param {number} files
 * @param {{ sizes?: Sizes, distinct?: number, lines?: boolean }} [options] `distinct`: how many different contents there are
 *   (as many as files); `lines`: of 64 characters on average, else a file is one
 * @returns {Promise<MadeTree>}
 */
export async function makeTree(path, files, { sizes = sourceSizes, distinct = files, lines = false } = {}) {
  const random = generator(1);
  const directories = makeDirectories(path, Math.max(7, Math.round(files / filesPerDirectory)));
  /** @type {Buffer[]} */
  const repeated = [];
  let bytes = 0;
  let file = '';
  for (let i = 0; i < files; i++) {
    if (i % batch === 0) await setImmediate();
    const directory = pick(directories, random);
    const content = i < distinct ? contentOf(random, sizes) : pick(repeated, random);
    if (lines) endLines(content);
    if (distinct < files && i < distinct) repeated.push(content);
    file = join(directory, `file-${i}.${pick(extensions, random)}`);
    writeFileSync(file, content);
    bytes += content.length;
  }
  await growOld();
  return { path, files, directories: directories.length, bytes, file };
}

/** Waits until time stamps of now are trusted: PHLB reads files again that are younger than two seconds at the start of a run. */
export function growOld() {
  return sleep(3000);
}

/**
 * @param {string} path
 * @param {number} count
 */
function makeDirectories(path, count) {
  const paths = [path];
  for (let i = 1; i < count; i++) {
    const parent = paths[Math.floor((i - 1) / directoriesPerDirectory)] ?? path;
    paths.push(join(parent, `folder-${i}`));
  }
  for (const directory of paths) mkdirSync(directory);
  return paths;
}

/**
 * Printable characters, six random bits each: no two files are alike, none has a part of another, and they compress a bit.
 * @param {() => number} random
 * @param {Sizes} sizes
 */
function contentOf(random, { median, sigma }) {
  const drawn = Math.round(median * Math.exp(sigma * normal(random)));
  const length = Math.max(limits.min, Math.min(limits.max, drawn));
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let i = 0; i < words.length; i++) words[i] = (random() & 0x3f3f3f3f) + 0x20202020;
  return Buffer.from(words.buffer, 0, length);
}

/**
 * At its spaces, which are one character in 64.
 * @param {Buffer} content
 */
function endLines(content) {
  for (let at = content.indexOf(0x20); at >= 0; at = content.indexOf(0x20, at + 1)) content[at] = 0x0a;
}

/**
 * @template T
 * @param {T[]} list
 * @param {() => number} random
 */
function pick(list, random) {
  const one = list[random() % list.length];
  if (one === undefined) throw new Error('Nothing to choose from');
  return one;
}

/**
 * A number of the normal distribution (Box and Muller 1958).
 * @param {() => number} random
 */
function normal(random) {
  const unit = () => (random() + 1) / 2 ** 32;
  return Math.sqrt(-2 * Math.log(unit())) * Math.cos(2 * Math.PI * unit());
}

/**
 * Numbers from 0 to 2³² − 1, the same ones for the same seed (xorshift128, Marsaglia 2003).
 * @param {number} seed
 */
function generator(seed) {
  let x = 123456789;
  let y = 362436069;
  let z = 521288629;
  let w = seed;
  return () => {
    const t = x ^ (x << 11);
    [x, y, z] = [y, z, w];
    w = w ^ (w >>> 19) ^ t ^ (t >>> 8);
    return w >>> 0;
  };
}
