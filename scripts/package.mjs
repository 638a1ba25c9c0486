// `npm run package`: phlb-<version>.vsix, from what is shipped only.
import { join } from 'node:path';
import { build } from './build.mjs';
import { ensureInstalled } from './install.mjs';
import { packVsix, vsixName } from './vsix.mjs';

ensureInstalled();
await build();
const vsix = join(import.meta.dirname, '..', vsixName());
try {
  console.log(`${vsix}: ${((await packVsix(vsix)) / 1024).toFixed(0)} KB`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
