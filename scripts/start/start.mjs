// `npm start [-- folder]`: opens VS Code with PHLB on a folder, or on a sample with some history. The desktop's VS Code
// where there is one, else a server to be opened in a browser (PORT: its port).
import { existsSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { build } from '../build.mjs';
import { cacheDir } from '../cache.mjs';
import { ensureInstalled } from '../install.mjs';
import { run } from '../processes.mjs';
import { ensureSample } from './sample.mjs';
import { installExtension } from '../package/stage.mjs';
import { startServer } from '../vscode-server.mjs';

const root = join(import.meta.dirname, '..', '..');
const quiet = {
  'chat.disableAIFeatures': true,
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'git.openRepositoryInParentFolders': 'never',
};

ensureInstalled();
await build();
const target = await chooseTarget(process.argv[2]);
if (hasDesktop()) await openDesktop(target);
else await serve(target);

/**
 * @typedef {object} Target
 * @property {string} folder
 * @property {NodeJS.ProcessEnv} env
 * @property {string} dataName
 * @property {Record<string, unknown>} settings
 */

/**
 * @param {string | undefined} folder
 * @returns {Promise<Target>}
 */
async function chooseTarget(folder) {
  if (folder === undefined) {
    const { backupRoot, ...sample } = await ensureSample();
    return { ...sample, dataName: 'sample', settings: { 'phlb.backup.location': backupRoot } };
  }
  const path = resolve(process.env.INIT_CWD ?? process.cwd(), folder);
  if (!existsSync(path)) {
    console.error(`There is no folder ${path}`);
    process.exit(2);
  }
  return { folder: path, env: process.env, dataName: 'own', settings: {} };
}

function hasDesktop() {
  const display = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  const name = process.platform === 'win32' ? 'code.cmd' : 'code';
  return Boolean(display) && (process.env.PATH ?? '').split(delimiter).some(dir => existsSync(join(dir, name)));
}

/** @param {Target} target */
async function openDesktop({ folder, env }) {
  const code = await run('code', [`--extensionDevelopmentPath=${root}`, '--new-window', folder], {
    env,
    shell: process.platform === 'win32',
  });
  process.exit(code);
}

/** @param {Target} target */
async function serve({ folder, env, dataName, settings }) {
  const dataDir = join(cacheDir, `start-${dataName}`);
  const extensionsDir = join(dataDir, 'extensions');
  installExtension(extensionsDir);
  const server = await startServer({
    dataDir,
    extensionsDir,
    env,
    port: Number(process.env.PORT ?? 0),
    settings: { ...quiet, ...settings },
  });
  console.log(`\nVS Code with PHLB: ${server.url}?folder=${encodeURIComponent(folder).replaceAll('%2F', '/')}`);
  console.log('Open it in a browser. Ctrl-C ends it.');
  await server.exited;
}
