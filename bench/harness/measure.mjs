// One run of one program: its time, its memory, and what it has put on the disk.
/** @import { Usage } from '../types.js' */
import { execFileSync } from 'node:child_process';
import { readFileSync, statfsSync } from 'node:fs';
import { start } from '../../scripts/processes.mjs';

/** More of what a program writes is read and thrown away. */
const OUTPUT_BYTES = 64 << 20;

/** GNU time: only a parent learns from the kernel what its child has used, and Node does not pass it on. */
export const gnuTime = { id: 'time', program: 'time', package: 'time' };

/**
 * Runs a command to its end. Throws if it fails.
 * @param {string[]} argv
 * @param {object} options
 * @param {NodeJS.ProcessEnv} options.env
 * @param {string | undefined} [options.usageFile] where GNU time leaves what the command used; undefined: it is not installed
 * @returns {Promise<Usage & { output: string }>} and what it wrote to stdout
 */
export async function measure(argv, { env, usageFile }) {
  const wrapped = usageFile ? [gnuTime.program, '-f', '%M %U %S', '-o', usageFile, ...argv] : argv;
  const { code, seconds, output, complaint } = await finish(wrapped, env);
  if (code !== 0) throw new Error(`${argv.join(' ')} ended with exit code ${code}: ${complaint}`);
  return { seconds, output, ...(usageFile ? usage(usageFile) : {}) };
}

/**
 * What results keep of it.
 * @param {Usage} usage
 * @returns {Usage}
 */
export function timeAndMemory({ seconds, peakBytes }) {
  return { seconds, ...(peakBytes === undefined ? {} : { peakBytes }) };
}

/**
 * Writes out what others have left behind, so that nobody pays for it within his own time.
 * @param {string} folder
 */
export function settle(folder) {
  execFileSync('sync', ['-f', folder]);
}

/**
 * Bytes on the disk, each inode once.
 * @param {string} folder
 */
export function allocatedBytes(folder) {
  return Number(execFileSync('du', ['-s', '-B1', folder], { encoding: 'utf8' }).split('\t')[0]);
}

/**
 * Bytes that are in use on the whole file system: what blocks shared between files really take.
 * @param {string} folder
 */
export function usedOnFileSystem(folder) {
  settle(folder);
  const { blocks, bfree, bsize } = statfsSync(folder);
  return (blocks - bfree) * bsize;
}

/**
 * As a command, so that it is not slowed down by what this process does meanwhile.
 * @param {string} folder
 */
export function remove(folder) {
  execFileSync('rm', ['-rf', folder]);
}

/**
 * @param {string[]} argv
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ seconds: number, output: string, complaint: string, code: number }>}
 */
function finish([command = '', ...args], env) {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = start(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const result = { seconds: 0, complaint: '' };
    /** @type {Buffer[]} */
    const output = [];
    let bytes = 0;
    // A search may find more than a text can hold; that is read, but nobody looks at it.
    child.stdout?.on('data', chunk => (bytes += chunk.length) <= OUTPUT_BYTES && output.push(chunk));
    child.stderr?.setEncoding('utf8').on('data', text => (result.complaint += text));
    child.once('error', reject);
    child.once('exit', () => (result.seconds = (performance.now() - began) / 1000));
    child.once('close', code =>
      resolve({ ...result, output: Buffer.concat(output).toString('utf8'), code: code ?? 1 }),
    );
  });
}

/** @param {string} file */
function usage(file) {
  const [peakKilobytes = NaN, user = NaN, system = NaN] = readFileSync(file, 'utf8').trim().split(' ').map(Number);
  return { peakBytes: peakKilobytes * 1024, cpuSeconds: user + system };
}
