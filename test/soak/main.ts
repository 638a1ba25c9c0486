/**
 * `npm run test:soak [-- --minutes N] [--seed S] [--steps N]`: one episode after another, each with the seed after the last
 * one's, until the time is over. With `--steps`: only the episode of that seed, up to that step.
 */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runEpisode, SoakError } from './episode.js';

const EPISODE_STEPS = 150;
const MEMORY = '/dev/shm';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '10' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      steps: { type: 'string' },
    },
  });
  const steps = Number(values.steps ?? EPISODE_STEPS);
  const first = Number(values.seed);
  const until = performance.now() + Number(values.minutes) * 60_000;
  const { TMPDIR } = process.env;
  let done = 0;
  let seed = first;
  do {
    // Every fourth on the disk, whose inode numbers are used again; the others in memory, which is faster.
    if (TMPDIR === undefined && existsSync(MEMORY)) process.env['TMPDIR'] = seed % 4 === 0 ? '/tmp' : MEMORY;
    const onStep = values.steps === undefined ? {} : { onStep: (at: number, name: string) => console.log(at, name) };
    const began = performance.now();
    const count = await runEpisode({ seed, steps, until, ...onStep });
    done += count;
    console.log(`seed ${seed}: ${count} steps in ${Math.round((performance.now() - began) / 1000)} s`);
    seed++;
  } while (values.steps === undefined && performance.now() < until);
  console.log(`${done} steps with seeds ${first} to ${seed - 1}: all snapshots whole`);
}

// The engine's thread alone keeps no process going.
const awake = setInterval(() => undefined, 60_000);
main()
  .finally(() => clearInterval(awake))
  .catch((error: unknown) => {
    console.error(error instanceof SoakError ? error.message : error);
    process.exit(1);
  });
