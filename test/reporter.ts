import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Mocha from 'mocha';

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
  /** tests that failed, each with why */
  failures: string[];
}

/** mocha's spec output, and what it counted in a file of its own in the folder that PHLB_TEST_COUNTS names. */
export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    const failures: string[] = [];
    runner.on('fail', (test, error) => failures.push(line(test, error)));
    runner.once('end', () => {
      const folder = process.env['PHLB_TEST_COUNTS'];
      if (!folder || !runner.stats) return;
      const { passes, failures: failed, pending } = runner.stats;
      const counts: Counts = { passed: passes, failed, skipped: pending, failures };
      writeFileSync(join(folder, `${process.pid}.json`), JSON.stringify(counts));
    });
  }
}

function line(test: Mocha.Test, error: Error): string {
  return `${test.fullTitle()}: ${String(error.message).split('\n')[0]}`;
}
