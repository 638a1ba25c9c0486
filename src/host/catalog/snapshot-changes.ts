import type { DiffResult } from '../../engine/diff.js';
import { ChangeTree } from './change-tree.js';

/** how many changes are taken along; more would hold up the editor and be of no use to a person */
export const CHANGES_AT_MOST = 20_000;
const CAPACITY = 16;

/** Two snapshots of one store. */
export interface SnapshotPair {
  storeId: string;
  /** ids */
  older: string;
  newer: string;
}

/** Asks the engine for the first changes of two snapshots. */
export type AskDiff = (older: string, newer: string, limit: number) => Promise<DiffResult>;

/**
 * What has changed between snapshots, asked for once a pair: whoever asks meanwhile gets the same answer. The pairs
 * that were asked for last are kept.
 */
export class SnapshotChanges {
  private readonly answers = new Map<string, Promise<ChangeTree | undefined>>();
  private readonly trees = new Map<string, ChangeTree>();

  /** @param onFailure is told why changes cannot be had */
  constructor(
    private readonly ask: AskDiff,
    private readonly onFailure: (pair: SnapshotPair, error: unknown) => void,
  ) {}

  /** What is known without waiting. */
  known(pair: SnapshotPair): ChangeTree | undefined {
    return this.trees.get(keyOf(pair));
  }

  /** `undefined` where it cannot be found out; the next one who asks makes it be tried again. */
  between(pair: SnapshotPair): Promise<ChangeTree | undefined> {
    const key = keyOf(pair);
    const answer = this.answers.get(key) ?? this.find(pair, key);
    // Back to the end: those at the beginning go first.
    this.answers.delete(key);
    this.answers.set(key, answer);
    this.trim();
    return answer;
  }

  private async find(pair: SnapshotPair, key: string): Promise<ChangeTree | undefined> {
    try {
      const { changes, counts } = await this.ask(pair.older, pair.newer, CHANGES_AT_MOST);
      const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
      const tree = await ChangeTree.build(changes, total);
      if (this.answers.has(key)) this.trees.set(key, tree);
      return tree;
    } catch (error) {
      this.answers.delete(key);
      this.onFailure(pair, error);
      return undefined;
    }
  }

  private trim(): void {
    for (const key of this.answers.keys()) {
      if (this.answers.size <= CAPACITY) return;
      this.answers.delete(key);
      this.trees.delete(key);
    }
  }
}

function keyOf({ storeId, older, newer }: SnapshotPair): string {
  return `${storeId}\n${older}\n${newer}`;
}
