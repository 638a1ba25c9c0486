// Bundles the extension, the worker and the command line into dist/, or (--tests) the test files into out/.
import { build, context } from 'esbuild';
import { copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const watch = process.argv.includes('--watch');
const tests = process.argv.includes('--tests');

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  sourcemap: true,
  logLevel: 'warning',
  legalComments: 'none',
};

const product = [
  { ...common, entryPoints: { extension: 'src/extension.ts' }, outdir: 'dist', external: ['vscode'], minify: true },
  {
    ...common,
    entryPoints: { worker: 'src/worker/entry.ts', cli: 'src/cli/main.ts' },
    outdir: 'dist',
    minify: true,
  },
];

// Tests stay one file each, so that mocha names them and a stack trace points at them.
const testFiles = {
  ...common,
  entryPoints: filesBelow('test').filter(f => f.endsWith('.ts')),
  outdir: 'out',
  outbase: '.',
  external: ['vscode'],
  packages: 'external',
};

mkdirSync('dist', { recursive: true });
copyFileSync('node_modules/sql.js/dist/sql-wasm.wasm', 'dist/sql-wasm.wasm');
if (tests) {
  rmSync('out', { recursive: true, force: true });
  await build(testFiles);
} else if (watch) {
  for (const options of product) await (await context(options)).watch();
} else {
  for (const options of product) await build(options);
}

function filesBelow(dir) {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter(e => e.isFile())
    .map(e => join(e.parentPath, e.name));
}
