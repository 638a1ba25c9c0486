import { errno } from '../words/errors.js';

const PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;

export interface Patience {
  /** with which Windows says that another program has it open at this moment */
  codes: readonly string[];
  /** with which others do */
  elsewhere?: readonly string[];
  /** milliseconds */
  patience: number;
  /** what may help at once; returns whether it has done anything */
  clearTheWay?: () => boolean;
}

/**
 * Windows refuses to rename and to remove what another program has open, and some file systems of others to remove the folder
 * that it is in: there it is tried again, waiting in between, as graceful-fs does. A scanner or an indexer that has just seen a
 * new file lets go of it within a few seconds.
 * @throws the system's error
 */
export function tryAgain(act: () => void, { patience, clearTheWay, ...by }: Patience): void {
  const codes = process.platform === 'win32' ? by.codes : (by.elsewhere ?? []);
  const end = performance.now() + patience;
  for (let pause = PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return act();
    } catch (error) {
      if (!codes.includes(errno(error) ?? '')) throw error;
      if (clearTheWay?.()) continue;
      if (performance.now() > end) throw error;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
  }
}
