// `npm run test:electron [-- VERSION]`: the tests of test/vscode in a desktop VS Code of that version (`stable` if none is
// given), for machines that can download one; with --executable PATH in one that is installed.
/** @import { MakeWindow } from './extension-host.mjs' */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from '../build.mjs';
import { hostSettings } from './extension-host.mjs';
import { ensureInstalled } from '../install.mjs';
import { testWindows } from './test-windows.mjs';

const root = join(import.meta.dirname, '..', '..');

await ensureInstalled();
await build();
await build('--tests');
const { runTests } = await import('@vscode/test-electron');
const { values, positionals } = parseArgs({ allowPositionals: true, options: { executable: { type: 'string' } } });
const [version = 'stable'] = positionals;
const vscode = values.executable === undefined ? { version } : { vscodeExecutablePath: values.executable };

// test-electron trusts every folder that it opens.
const windows = Object.entries(testWindows).filter(([name]) => name !== 'restricted');
for (const [name, makeWindow] of windows) {
  console.log(`\n=== ${name}`);
  try {
    await runIn(name, makeWindow);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

/**
 * @param {string} name
 * @param {MakeWindow} makeWindow
 */
async function runIn(name, makeWindow) {
  const scratch = mkdtempSync(join(tmpdir(), 'phlb-electron-'));
  try {
    const home = join(scratch, 'home');
    mkdirSync(home);
    const env = { HOME: home, USERPROFILE: home, XDG_STATE_HOME: join(home, '.state') };
    const window = await makeWindow(scratch, { ...process.env, ...env });
    const dataDir = join(scratch, 'data');
    const settings = join(dataDir, 'User', 'settings.json');
    mkdirSync(dirname(settings), { recursive: true });
    writeFileSync(settings, JSON.stringify({ ...hostSettings, ...window.settings }));
    await runTests({
      ...vscode,
      extensionDevelopmentPath: root,
      extensionTestsPath: join(root, 'out', 'test', 'vscode', 'index.js'),
      extensionTestsEnv: { ...env, PHLB_TEST_WINDOW: name },
      launchArgs: [
        window.folder ?? window.workspace,
        ...['--user-data-dir', dataDir, '--extensions-dir', join(scratch, 'extensions')],
        '--disable-extensions',
      ],
    });
  } finally {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  }
}
