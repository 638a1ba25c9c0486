// Runs out/test/vscode inside the extension host of a VS Code server, opened in a headless Chromium.
import { createWriteStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format, parseArgs } from 'node:util';
import { launchBrowser } from './browser.mjs';
import { startServer, versions } from './vscode-server.mjs';

const root = join(import.meta.dirname, '..');
/** starts each line of the tests' own output */
const mark = 'phlb-test:';
const timeoutMs = 20 * 60_000;
const settings = {
  'chat.disableAIFeatures': true,
  'workbench.startupEditor': 'none',
  'phlb.autoBackup.mode': 'off',
};

const { values, positionals } = parseArgs({ allowPositionals: true, options: { grep: { type: 'string' } } });
const versionName = positionals[0] ?? 'current';
const version = versions[versionName];
const logFile = join(root, 'out', `vscode-${versionName}.log`);
const log = createWriteStream(logFile);
const scratch = mkdtempSync(join(tmpdir(), 'phlb-vscode-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true, maxRetries: 5 }));
let server;
let browser;
let code = 1;
try {
  const workspace = makeWorkspace();
  server = await startServer({
    version,
    settings,
    dataDir: join(scratch, 'data'),
    extensionsDir: join(scratch, 'extensions'),
    env: environment(),
    args: ['--enable-smoke-test-driver'],
  });
  browser = await launchBrowser();
  code = await runTests(await browser.newPage(), address(server, workspace));
} finally {
  await browser?.close();
  await server?.stop();
}
if (code !== 0) console.error(`What else the workbench said is in ${logFile}`);
process.exit(code);

function makeWorkspace() {
  const workspace = join(scratch, 'documents');
  mkdirSync(join(workspace, 'letters'), { recursive: true });
  writeFileSync(join(workspace, 'report.md'), '# Report\n\nFirst version.\n');
  writeFileSync(join(workspace, 'letters', 'brief.txt'), 'Dear reader\n');
  return workspace;
}

function environment() {
  const home = join(scratch, 'home');
  mkdirSync(home);
  return {
    ...process.env,
    HOME: home,
    XDG_STATE_HOME: join(home, '.state'),
    PHLB_TEST_GREP: values.grep ?? '',
    PHLB_TEST_MARK: mark,
  };
}

function address({ url, port }, workspace) {
  const remote = path => `vscode-remote://127.0.0.1:${port}${path}`;
  const payload = [
    ['extensionDevelopmentPath', remote(root)],
    ['extensionTestsPath', remote(join(root, 'out', 'test', 'vscode', 'index.js'))],
  ];
  return `${url}?${new URLSearchParams({ folder: workspace, payload: JSON.stringify(payload) })}`;
}

async function runTests(page, url) {
  const { promise, resolve, reject } = withResolvers();
  await page.exposeFunction('codeAutomationLog', (type, args) => print(format(...args)));
  await page.exposeFunction('codeAutomationExit', exitCode => resolve(exitCode));
  page.once('crash', () => reject(new Error('The browser page crashed')));
  page.once('close', () => reject(new Error('The browser page was closed')));
  const timer = setTimeout(
    () => reject(new Error(`The tests took longer than ${timeoutMs / 60_000} minutes`)),
    timeoutMs,
  );
  try {
    await page.goto(url);
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

function print(text) {
  if (text.startsWith(mark)) console.log(text.slice(mark.length));
  else log.write(`${text}\n`);
}

function withResolvers() {
  const result = {};
  result.promise = new Promise((resolve, reject) => Object.assign(result, { resolve, reject }));
  return result;
}
