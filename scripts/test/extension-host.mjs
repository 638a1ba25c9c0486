// Runs a script inside the extension host of a VS Code server, opened in a headless Chromium.
/** @import { Browser, Page } from 'playwright-core' */
/** @import { Server, Version } from '../vscode-server.mjs' */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format } from 'node:util';
import { holdStill, launchBrowser } from '../browser.mjs';
import { startServer, versions } from '../vscode-server.mjs';

const root = join(import.meta.dirname, '..', '..');
const timeoutMs = 20 * 60_000;
/** Beside three other servers that start. */
const loadTimeoutMs = 2 * 60_000;
/** What keeps a window quiet while it is tested. */
export const hostSettings = {
  'chat.disableAIFeatures': true,
  'workbench.startupEditor': 'none',
  // Each frame is drawn without a graphics card.
  'workbench.reduceMotion': 'on',
  // It looks through all processes of the machine, again and again.
  'remote.autoForwardPorts': false,
  'phlb.autoBackup.mode': 'off',
};

/** @typedef {{ folder: string, workspace?: undefined } | { folder?: undefined, workspace: string }} Opened or a .code-workspace file */

/**
 * What is opened, and what differs from the other windows.
 * @typedef {Opened & { settings?: Record<string, unknown>, trust?: boolean }} Window
 */

/**
 * Makes a window in an empty folder, for an extension host with that environment.
 * @typedef {(scratch: string, env: NodeJS.ProcessEnv) => Window | Promise<Window>} MakeWindow
 */

/**
 * @param {object} options
 * @param {string} options.script its `run()` is called in the extension host, where PHLB is loaded from this checkout
 * @param {MakeWindow} options.makeWindow makes what is to be opened
 * @param {NodeJS.ProcessEnv} [options.env] added to the environment of the extension host
 * @param {Version} [options.version]
 * @param {(line: string) => void} options.print gets each line that the workbench and the script write
 * @returns {Promise<number>} the exit code
 */
export async function runInExtensionHost({ script, makeWindow, env = {}, version = versions.current, print }) {
  const scratch = mkdtempSync(join(tmpdir(), 'phlb-vscode-'));
  /** @type {Server | undefined} */
  let server;
  /** @type {Browser | undefined} */
  let browser;
  try {
    const home = join(scratch, 'home');
    mkdirSync(home);
    const hostEnv = { ...process.env, HOME: home, XDG_STATE_HOME: join(home, '.state'), ...env };
    const window = await makeWindow(scratch, hostEnv);
    server = await startServer({
      version,
      settings: { ...hostSettings, ...window.settings },
      lean: true,
      trust: window.trust ?? true,
      dataDir: join(scratch, 'data'),
      extensionsDir: join(scratch, 'extensions'),
      env: hostEnv,
      args: ['--enable-smoke-test-driver'],
    });
    browser = await launchBrowser();
    // Nobody looks at it, and it draws as little as that.
    const page = await browser.newPage({ viewport: { width: 320, height: 240 } });
    await holdStill(page);
    return await open(page, address(server, window, script), print);
  } finally {
    await browser?.close();
    await server?.stop();
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  }
}

/**
 * @param {Server} server
 * @param {Window} window
 * @param {string} script
 */
function address({ url, port }, { folder, workspace }, script) {
  /** @param {string} path */
  const remote = path => `vscode-remote://127.0.0.1:${port}${path}`;
  const payload = [
    ['extensionDevelopmentPath', remote(root)],
    ['extensionTestsPath', remote(script)],
  ];
  const opened = folder === undefined ? { workspace } : { folder };
  return `${url}?${new URLSearchParams({ ...opened, payload: JSON.stringify(payload) })}`;
}

/**
 * @param {Page} page
 * @param {string} url
 * @param {(line: string) => void} print
 */
async function open(page, url, print) {
  const { promise, resolve, reject } = withResolvers();
  // A page that does not load is closed as well, and nobody waits for it any more.
  promise.catch(() => {});
  await page.exposeFunction(
    'codeAutomationLog',
    /** @param {string} _ @param {unknown[]} args */ (_, args) => print(format(...args)),
  );
  await page.exposeFunction('codeAutomationExit', resolve);
  page.once('crash', () => reject(new Error('The browser page crashed')));
  page.once('close', () => reject(new Error('The browser page was closed')));
  const late = new Error(`The script took longer than ${timeoutMs / 60_000} minutes`);
  const timer = setTimeout(() => reject(late), timeoutMs);
  try {
    await page.goto(url, { timeout: loadTimeoutMs });
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

function withResolvers() {
  /** @type {(exitCode: number) => void} */
  let resolve = () => {};
  /** @type {(error: Error) => void} */
  let reject = () => {};
  /** @type {Promise<number>} */
  const promise = new Promise((settle, fail) => {
    resolve = settle;
    reject = fail;
  });
  return { promise, resolve, reject };
}
