// `npm run package`: phlb-<version>.vsix, from what is shipped only.
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { cacheDir } from './cache.mjs';
import { ensureInstalled } from './install.mjs';
import { run } from './processes.mjs';
import { stageExtension } from './stage.mjs';

const root = join(import.meta.dirname, '..');
const limitBytes = 2 * 1024 * 1024;

ensureInstalled();
await build();
mkdirSync(cacheDir, { recursive: true });
const staged = join(cacheDir, 'package');
stageExtension(staged);
// The folder holds what is shipped and nothing else; vsce wants to be told so.
writeFileSync(join(staged, '.vscodeignore'), '');

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const vsix = join(root, `phlb-${version}.vsix`);
const vsce = join(root, 'node_modules', '@vscode', 'vsce', 'vsce');
const code = await run(
  process.execPath,
  [vsce, 'package', '--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links', '--out', vsix],
  { cwd: staged },
);
if (code !== 0) process.exit(code);

const { size } = statSync(vsix);
console.log(`${vsix}: ${(size / 1024).toFixed(0)} KB`);
if (size > limitBytes) {
  console.error(`The package is larger than ${limitBytes / 1024} KB`);
  process.exit(1);
}
