// Runs a script inside the extension host of a VS Code server, opened in a headless Chromium.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format } from 'node:util';
import { launchBrowser } from '../browser.mjs';
import { startServer, versions } from '../vscode-server.mjs';

const root = join(import.meta.dirname, '..', '..');
const timeoutMs = 20 * 60_000;
/** What keeps a window quiet while it is tested. */
export const hostSettings = {
  'chat.disableAIFeatures': true,
  'workbench.startupEditor': 'none',
  // Each frame is drawn without a graphics card.
  'workbench.reduceMotion': 'on',
  'phlb.autoBackup.mode': 'off',
};

/**
 * @param script its `run()` is called in the extension host, where PHLB is loaded from this checkout
 * @param makeWindow makes what is to be opened: gets an empty folder and the environment of the extension host, gives
 *   `folder` or `workspace` (a .code-workspace file), and `settings` and `trust` where they differ
 * @param env added to the environment of the extension host
 * @param print gets each line that the workbench and the script write
 * @returns the exit code
 */
export async function runInExtensionHost({ script, makeWindow, env = {}, version = versions.current, print }) {
  const scratch = mkdtempSync(join(tmpdir(), 'phlb-vscode-'));
  let server;
  let browser;
  try {
    const home = join(scratch, 'home');
    mkdirSync(home);
    const hostEnv = { ...process.env, HOME: home, XDG_STATE_HOME: join(home, '.state'), ...env };
    const window = await makeWindow(scratch, hostEnv);
    server = await startServer({
      version,
      settings: { ...hostSettings, ...window.settings },
      trust: window.trust ?? true,
      dataDir: join(scratch, 'data'),
      extensionsDir: join(scratch, 'extensions'),
      env: hostEnv,
      args: ['--enable-smoke-test-driver'],
    });
    browser = await launchBrowser();
    return await open(await browser.newPage(), address(server, window, script), print);
  } finally {
    await browser?.close();
    await server?.stop();
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  }
}

function address({ url, port }, { folder, workspace }, script) {
  const remote = path => `vscode-remote://127.0.0.1:${port}${path}`;
  const payload = [
    ['extensionDevelopmentPath', remote(root)],
    ['extensionTestsPath', remote(script)],
  ];
  const opened = folder === undefined ? { workspace } : { folder };
  return `${url}?${new URLSearchParams({ ...opened, payload: JSON.stringify(payload) })}`;
}

async function open(page, url, print) {
  const { promise, resolve, reject } = withResolvers();
  await page.exposeFunction('codeAutomationLog', (type, args) => print(format(...args)));
  await page.exposeFunction('codeAutomationExit', exitCode => resolve(exitCode));
  page.once('crash', () => reject(new Error('The browser page crashed')));
  page.once('close', () => reject(new Error('The browser page was closed')));
  const late = new Error(`The script took longer than ${timeoutMs / 60_000} minutes`);
  const timer = setTimeout(() => reject(late), timeoutMs);
  try {
    await page.goto(url);
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

function withResolvers() {
  const result = {};
  result.promise = new Promise((resolve, reject) => Object.assign(result, { resolve, reject }));
  return result;
}
