// `npm run package`: phlb-<version>.vsix and, for npm, phlb-<version>.tgz, from what is shipped only.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { build } from '../build.mjs';
import { ensureInstalled } from '../install.mjs';
import { packCommandLine } from './npm-package.mjs';
import { packVsix, vsixName } from './vsix.mjs';

const root = join(import.meta.dirname, '..', '..');

await ensureInstalled();
await build();
try {
  const vsix = join(root, vsixName());
  await packVsix(vsix);
  for (const file of [vsix, await packCommandLine(root)]) {
    console.log(`${file}: ${(statSync(file).size / 1024).toFixed(0)} KB`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
