/** One history of a backup location, chosen by chance from a seed, and judged after each of its steps. */
import { backup, backupAtAnotherTime, cancelBackup, editSource } from './backups.js';
import { damage, damageIndex, loseManifest, removeStored } from './damage.js';
import { annotate, deleteSome, listAll, prune, removeByHand } from './keeping.js';
import { killBackup, killDelete, killHeal, killPrune, killPurge, killRehash, killRestore } from './kills.js';
import { heal, purge, rebuild, rehash, verify } from './mending.js';
import { restoreAndUndo, restoreElsewhere } from './restores.js';
import { together } from './together.js';
import { World } from './world.js';

type Step = (world: World) => void | Promise<void>;

const STEPS: readonly (readonly [weight: number, step: Step])[] = [
  [24, editSource],
  [24, backup],
  [2, backupAtAnotherTime],
  [3, removeByHand],
  [3, deleteSome],
  [3, prune],
  [3, annotate],
  [3, listAll],
  [4, restoreElsewhere],
  [5, restoreAndUndo],
  [2, purge],
  [3, verify],
  [3, heal],
  [1, rebuild],
  [2, rehash],
  [6, damage],
  [3, removeStored],
  [3, damageIndex],
  [2, loseManifest],
  [4, killBackup],
  [1, killDelete],
  [1, killPrune],
  [1, killPurge],
  [2, killHeal],
  [3, killRestore],
  [1, killRehash],
  [2, cancelBackup],
  [2, together],
];

/** More snapshots make a step slower, not harder. */
const MOST_SNAPSHOTS = 30;

export interface EpisodeRequest {
  seed: number;
  steps: number;
  /** `performance.now()`: no further step begins after it */
  until: number;
  /** told of each step before it is done */
  onStep?: (at: number, name: string) => void;
}

/** A step that failed: which, and why. */
export class SoakError extends Error {
  constructor(seed: number, at: number, name: string, history: readonly string[], cause: unknown) {
    super(
      `seed ${seed}, step ${at} (${name}) after ${history.slice(-12).join(', ')}\n` +
        `Again: npm run test:soak -- --seed ${seed} --steps ${at}\n` +
        (cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)),
      { cause },
    );
    this.name = 'SoakError';
  }
}

/** Returns how many steps were done. @throws SoakError */
export async function runEpisode({ seed, steps, until, onStep }: EpisodeRequest): Promise<number> {
  const world = new World(seed);
  const history: string[] = [];
  try {
    for (let at = 1; at <= steps && performance.now() < until; at++) {
      const step = chooseStep(world, at);
      onStep?.(at, step.name);
      try {
        await step(world);
        world.judge();
      } catch (error) {
        throw new SoakError(seed, at, step.name, history, error);
      }
      history.push(step.name);
    }
    return history.length;
  } finally {
    await world.dispose();
  }
}

function chooseStep(world: World, at: number): Step {
  if (at === 1) return backup;
  return world.kept.length > MOST_SNAPSHOTS ? removeByHand : world.dice.choose(STEPS);
}
