import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

/** mocha's spec output, and the counts in the file that PHLB_TEST_COUNTS names. */
export default class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options?: Mocha.MochaOptions) {
    super(runner, options);
    runner.once('end', () => {
      const file = process.env['PHLB_TEST_COUNTS'];
      if (!file || !runner.stats) return;
      const { passes, failures, pending } = runner.stats;
      writeFileSync(file, JSON.stringify({ passed: passes, failed: failures, skipped: pending }));
    });
  }
}
