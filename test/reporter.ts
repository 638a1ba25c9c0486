import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import Mocha from 'mocha';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  /** tests that failed, each with why */
  failures: string[];
  /** tests that failed and were run again, each with why */
  again: string[];
}

/** mocha's spec output, and what it counted added to that in the file that PHLB_TEST_COUNTS names. */
export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    const [failures, again]: [string[], string[]] = [[], []];
    runner.on('fail', (test, error) => failures.push(line(test, error)));
    runner.on('retry', (test, error) => again.push(line(test, error)));
    runner.once('end', () => {
      const file = process.env['PHLB_TEST_COUNTS'];
      if (!file || !runner.stats) return;
      const { passes, pending } = runner.stats;
      const before = readCounts(file);
      const counts: Counts = {
        passed: before.passed + passes,
        failed: before.failed + runner.stats.failures,
        skipped: before.skipped + pending,
        failures: [...before.failures, ...failures],
        again: [...before.again, ...again],
      };
      writeFileSync(file, JSON.stringify(counts));
    });
  }
}

function line(test: Mocha.Test, error: Error): string {
  return `${test.fullTitle()}: ${String(error.message).split('\n')[0]}`;
}

// A layer may run its tests in several processes, one after the other.
function readCounts(file: string): Counts {
  if (!existsSync(file)) return { passed: 0, failed: 0, skipped: 0, failures: [], again: [] };
  return JSON.parse(readFileSync(file, 'utf8')) as Counts;
}
