import fc from 'fast-check';
import { seeded } from '../fault/support/processes.js';

/** All chance of an episode: the same seed throws the same. */
export class Dice {
  private readonly next: () => number;

  constructor(seed: number) {
    this.next = seeded(seed);
  }

  /** From 0 to `count` - 1. */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(from: readonly T[]): T | undefined {
    return from[this.below(from.length)];
  }

  /** By weight. */
  choose<T>(from: readonly (readonly [weight: number, what: T])[]): T {
    let at = this.next() * from.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, what] of from) if ((at -= weight) < 0) return what;
    throw new Error('nothing to choose from');
  }

  sample<T>(arbitrary: fc.Arbitrary<T>, count: number): T[] {
    return fc.sample(arbitrary, { numRuns: count, seed: this.below(2 ** 31) });
  }
}
