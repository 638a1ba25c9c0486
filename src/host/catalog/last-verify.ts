import type { Memento } from 'vscode';
import type { VerifyResult } from '../../engine/words/model.js';
import type { Catalog } from './catalog.js';

/** How the last verify of a whole store has ended. */
export interface VerifyMemory {
  /** its end, milliseconds since the epoch */
  at: number;
  snapshots: number;
  /** what was found damaged, healed or not */
  damaged: number;
  /** of these, what could not be healed */
  left: number;
}

const KEY = 'verify.last';
// Of drives that come and go; older ones are forgotten.
const STORES = 20;

/** Remembers, on this computer, when the stores were last verified: a store itself does not tell. */
export class LastVerify {
  constructor(
    private readonly memory: Memento,
    private readonly catalog: Catalog,
  ) {}

  /** @param result of a verify of all snapshots */
  async record(result: VerifyResult, at = Date.now()): Promise<void> {
    const { storeId } = await this.catalog.list();
    if (storeId === '') return;
    const { snapshots, damaged, healed } = result;
    const others = Object.entries(this.all()).filter(([id]) => id !== storeId);
    const newest = others.sort(([, a], [, b]) => b.at - a.at).slice(0, STORES - 1);
    const whole = new Set(healed.map(keyOf));
    const left = damaged.filter(one => !whole.has(keyOf(one))).length;
    const told: VerifyMemory = { at, snapshots, damaged: damaged.length, left };
    await this.memory.update(KEY, Object.fromEntries([[storeId, told], ...newest]));
  }

  /** `undefined`: never, as far as this computer knows */
  of(storeId: string): VerifyMemory | undefined {
    return this.all()[storeId];
  }

  private all(): Record<string, VerifyMemory> {
    return this.memory.get<Record<string, VerifyMemory>>(KEY, {});
  }
}

function keyOf({ snapshot, path }: { snapshot: string; path: string }): string {
  return `${snapshot}/${path}`;
}
