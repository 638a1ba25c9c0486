// How long PHLB holds up the event loop of the extension host during backups.
import { join } from 'node:path';
import { runInExtensionHost } from '../../scripts/test/extension-host.mjs';

const mark = 'phlb-bench:';

/** @returns one entry a phase: what went on, for how long, and the longest stall */
export async function measureStalls(folder) {
  const phases = [];
  const code = await runInExtensionHost({
    script: join(import.meta.dirname, 'probe.cjs'),
    makeWindow: () => ({ folder }),
    env: { PHLB_BENCH_MARK: mark },
    print: text => text.startsWith(mark) && phases.push(JSON.parse(text.slice(mark.length))),
  });
  if (code !== 0 || phases.length === 0) throw new Error(`The probe in the extension host ended with ${code}`);
  return phases;
}
