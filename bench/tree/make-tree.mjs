// The trees that are backed up: the same one for the same number of files.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';

const filesPerDirectory = 20;
const directoriesPerDirectory = 6;
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
 * @param options `sizes` of the files; `distinct`: how many different contents there are (as many as files)
 * @returns its path and what it holds; bytes are those of the files' contents, `file` is the path of one of them
 */
export async function makeTree(path, files, { sizes = sourceSizes, distinct = files } = {}) {
  const random = generator(1);
  const directories = makeDirectories(path, Math.max(7, Math.round(files / filesPerDirectory)));
  const repeated = [];
  let [bytes, file] = [0, undefined];
  for (let i = 0; i < files; i++) {
    if (i % batch === 0) await setImmediate();
    const directory = directories[random() % directories.length];
    const content = i < distinct ? contentOf(random, sizes) : repeated[random() % distinct];
    if (distinct < files && i < distinct) repeated.push(content);
    file = join(directory, `file-${i}.${extensions[random() % extensions.length]}`);
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

function makeDirectories(path, count) {
  const paths = [path];
  for (let i = 1; i < count; i++) {
    paths.push(join(paths[Math.floor((i - 1) / directoriesPerDirectory)], `folder-${i}`));
  }
  for (const directory of paths) mkdirSync(directory);
  return paths;
}

// Printable characters, six random bits each: no two files are alike, none has a part of another, and they compress a bit.
function contentOf(random, { median, sigma }) {
  const drawn = Math.round(median * Math.exp(sigma * normal(random)));
  const length = Math.max(limits.min, Math.min(limits.max, drawn));
  const words = new Uint32Array(Math.ceil(length / 4));
  for (let i = 0; i < words.length; i++) words[i] = (random() & 0x3f3f3f3f) + 0x20202020;
  return Buffer.from(words.buffer, 0, length);
}

/** A number of the normal distribution (Box and Muller 1958). */
function normal(random) {
  const unit = () => (random() + 1) / 2 ** 32;
  return Math.sqrt(-2 * Math.log(unit())) * Math.cos(2 * Math.PI * unit());
}

/** Numbers from 0 to 2³² − 1, the same ones for the same seed (xorshift128, Marsaglia 2003). */
function generator(seed) {
  let [x, y, z, w] = [123456789, 362436069, 521288629, seed];
  return () => {
    const t = x ^ (x << 11);
    [x, y, z] = [y, z, w];
    w = w ^ (w >>> 19) ^ t ^ (t >>> 8);
    return w >>> 0;
  };
}
