// How long PHLB holds up the event loop of the extension host during backups.
import { join } from 'node:path';
import { runInExtensionHost } from '../../scripts/test/extension-host.mjs';

const mark = 'phlb-bench:';

/**
 * @typedef {object} Phase
 * @property {string} what went on
 * @property {number} seconds for how long
 * @property {number} longestMs the longest stall
 */

/** @param {string} folder is backed up */
export async function measureStalls(folder) {
  /** @type {Phase[]} */
  const phases = [];
  const code = await runInExtensionHost({
    script: join(import.meta.dirname, 'probe.cjs'),
    makeWindow: () => ({ folder }),
    env: { PHLB_BENCH_MARK: mark },
    print: text => {
      if (text.startsWith(mark)) phases.push(/** @type {Phase} */ (JSON.parse(text.slice(mark.length))));
    },
  });
  if (code !== 0 || phases.length === 0) throw new Error(`The probe in the extension host ended with ${code}`);
  return phases;
}
