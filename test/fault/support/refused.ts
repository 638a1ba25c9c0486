import assert from 'node:assert/strict';
import { PhlbError } from '../../../src/engine/words/errors.js';
import { acquireLock } from '../../../src/engine/store/lock.js';

const HOUR_MS = 3_600_000;

/** Asks for a lock hour after hour, and does not get it: its holder lives, however long it is silent. */
export async function refusedForHours(path: string): Promise<void> {
  let hours = 0;
  const waiting = acquireLock(path, 'host', { cancelled: () => ++hours > 4, now: () => hours * HOUR_MS });
  await assert.rejects(waiting, error => PhlbError.is(error, 'cancelled'));
}
