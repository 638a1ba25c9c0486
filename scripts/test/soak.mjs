// `npm run test:soak [-- --minutes N] [--seed S]`: a long random history of one backup location after another, judged after
// each step, and before it sixty backups under a writer that never rests. A step that fails says how to run it again.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from '../build.mjs';
import { run } from '../processes.mjs';

const root = join(import.meta.dirname, '..', '..');
const mocha = join('node_modules', 'mocha', 'bin', 'mocha.js');
const given = process.argv.slice(2);

await build();
await build('--tests');
// Nothing that fails may touch the backups of whoever runs this.
const home = mkdtempSync(join(tmpdir(), 'phlb-soak-'));
process.on('exit', () => rmSync(home, { recursive: true, force: true }));
const env = { ...process.env, HOME: home, PHLB_TEST_WRITER_RUNS: '60' };

// One episode that is run again needs no writer.
const again = given.includes('--steps');
const writer = ['--exit', 'out/test/fault/changing-source.test.js'];
const programs = [...(again ? [] : [[mocha, ...writer]]), [join('out', 'test', 'soak', 'main.js'), ...given]];
for (const program of programs) {
  const code = await run(process.execPath, ['--enable-source-maps', ...program], { cwd: root, env });
  if (code !== 0) process.exit(code);
}
