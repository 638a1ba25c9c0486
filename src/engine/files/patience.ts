import { errno } from '../words/errors.js';

const PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;

export interface Patience {
  /** with which the system says that another program has it open at this moment */
  codes: readonly string[];
  /** milliseconds */
  patience: number;
  /** what may help at once; returns whether it has done anything */
  clearTheWay?: () => boolean;
}

/**
 * Windows refuses to rename and to remove what another program has open: there it is tried again, waiting in between, as
 * graceful-fs does. A scanner or an indexer that has just seen a new file lets go of it within a few seconds.
 * @throws the system's error
 */
export function tryAgain(act: () => void, { codes, patience, clearTheWay }: Patience): void {
  if (process.platform !== 'win32') return act();
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
