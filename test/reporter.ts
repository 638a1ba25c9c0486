import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import Mocha from 'mocha';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  /** tests that failed and were run again, each with why */
  again: string[];
}

/** mocha's spec output, and the counts added to those in the file that PHLB_TEST_COUNTS names. */
export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    const again: string[] = [];
    runner.on('retry', (test, error) => again.push(`${test.fullTitle()}: ${String(error.message).split('\n')[0]}`));
    runner.once('end', () => {
      const file = process.env['PHLB_TEST_COUNTS'];
      if (!file || !runner.stats) return;
      const { passes, failures, pending } = runner.stats;
      const before = readCounts(file);
      const counts: Counts = {
        passed: before.passed + passes,
        failed: before.failed + failures,
        skipped: before.skipped + pending,
        again: [...before.again, ...again],
      };
      writeFileSync(file, JSON.stringify(counts));
    });
  }
}

// A layer may run its tests in several processes, one after the other.
function readCounts(file: string): Counts {
  if (!existsSync(file)) return { passed: 0, failed: 0, skipped: 0, again: [] };
  return JSON.parse(readFileSync(file, 'utf8')) as Counts;
}
