// Bundles the extension, the worker, the command line and the storage page into dist/, or (--tests) the test files into out/.
/** @import { BuildOptions, Plugin } from 'esbuild' */
import { build, context } from 'esbuild';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { thirdPartyNotices } from './scripts/package/third-party.mjs';

const watch = process.argv.includes('--watch');
const tests = process.argv.includes('--tests');

/** @satisfies {BuildOptions} */
const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  // Tests map their own stack traces: with a link to it each of the engine's threads would read and parse its map, too.
  sourcemap: tests || watch ? true : 'external',
  logLevel: 'warning',
  legalComments: 'none',
};

// Each of a hundred modules that says `import * as vscode` would copy all names of the API when it is loaded: a third of
// PHLB's time to activate. So they share one module, with the names that are used.
/** @type {Plugin} */
const vscodeOnce = {
  name: 'vscode-once',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^vscode$/ }, ({ kind }) =>
      kind === 'require-call' ? { path: 'vscode', external: true } : { path: 'vscode', namespace: 'vscode-once' },
    );
    onLoad({ filter: /.*/, namespace: 'vscode-once' }, () => {
      const sources = filesBelow('src').filter(file => file.endsWith('.ts'));
      const texts = sources.map(file => readFileSync(file, 'utf8'));
      const imports = texts.flatMap(text =>
        [...text.matchAll(/^import \{([^}]*)\} from 'vscode'/gm)].flatMap(([, names]) => names?.match(/\w+/g) ?? []),
      );
      const uses = texts.flatMap(text => [...text.matchAll(/\bvscode\.(\w+)/g)].map(([, name]) => name));
      const names = [...new Set([...imports, ...uses])].filter(name => name !== 'type').sort();
      const lines = names.map(name => `export const ${name} = vscode.${name};`);
      return { contents: ["const vscode = require('vscode');", ...lines].join('\n'), resolveDir: '.' };
    });
  },
};

// One script for all that runs the engine: the worker's thread, and the command line, which loads it when it has work for it.
/** @type {Plugin} */
const engineOnce = {
  name: 'engine-once',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/engine\.js$/ }, ({ importer }) =>
      importer.endsWith(join('src', 'worker', 'entry.ts')) ||
      importer.endsWith(join('src', 'worker', 'local-engine.ts'))
        ? { path: './engine.js', external: true }
        : undefined,
    );
    // Larger than the rest of the command line, which loads it for one command.
    onResolve({ filter: /^\.\.\/mcp\/serve\.js$/ }, () => ({ path: './mcp.js', external: true }));
  },
};

// What it has for `require` cannot be bundled.
const alias = { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' };

/** @satisfies {BuildOptions[]} */
const product = [
  {
    ...common,
    entryPoints: { extension: 'src/extension.ts' },
    outdir: 'dist',
    plugins: [vscodeOnce],
    alias,
    minify: true,
  },
  {
    ...common,
    entryPoints: {
      worker: 'src/worker/entry.ts',
      engine: 'src/worker/engine.ts',
      pool: 'src/worker/pool.ts',
      cli: 'src/cli/main.ts',
      mcp: 'src/mcp/serve.ts',
    },
    outdir: 'dist',
    plugins: [engineOnce],
    alias: { ...alias, '@modelcontextprotocol/server/_shims': './src/mcp/sdk-shims.ts' },
    // Node's loader of modules would cost more than the script.
    supported: { 'dynamic-import': false },
    minify: true,
  },
  // A folder of its own: the page may load from there and from nowhere else.
  {
    ...common,
    platform: 'browser',
    target: 'chrome138',
    format: 'iife',
    sourcemap: false,
    entryPoints: ['src/views/storage/page/main.ts', 'src/views/storage/page/storage.css'].map(path => ({
      in: path,
      out: 'storage',
    })),
    outdir: 'dist/page',
    minify: true,
  },
];

// Tests stay one file each, so that mocha names them and a stack trace points at them.
/** @type {BuildOptions} */
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
  const inputs = [];
  for (const options of product) {
    const { metafile } = await build({ ...options, metafile: true });
    inputs.push(...Object.keys(metafile.inputs));
  }
  writeFileSync('dist/THIRD_PARTY_NOTICES.txt', thirdPartyNotices(inputs));
}

/** @param {string} dir */
function filesBelow(dir) {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter(e => e.isFile())
    .map(e => join(e.parentPath, e.name));
}
