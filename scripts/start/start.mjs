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
import { steps } from '../steps.mjs';
import { fetchServer, startServer } from '../vscode-server.mjs';

const root = join(import.meta.dirname, '..', '..');
const quiet = {
  'chat.disableAIFeatures': true,
  'workbench.startupEditor': 'none',
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'git.openRepositoryInParentFolders': 'never',
};

const folder = chosenFolder(process.argv[2]);
const usesDesktop = hasDesktop();
const next = steps((folder === undefined ? 4 : 3) + (usesDesktop ? 0 : 1));
await next('libraries and tools', ensureInstalled);
await next('building PHLB', () => build());
const target = folder === undefined ? await next('a folder to try it on, with some history', sample) : own(folder);
if (usesDesktop) await openDesktop(target);
else await serve(target);

/**
 * @typedef {object} Target
 * @property {string} folder
 * @property {NodeJS.ProcessEnv} env
 * @property {string} dataName
 * @property {Record<string, unknown>} settings
 */

/** @returns {Promise<Target>} */
async function sample() {
  const { backupRoot, ...made } = await ensureSample();
  return { ...made, dataName: 'sample', settings: { 'phlb.backup.location': backupRoot } };
}

/**
 * @param {string} folder
 * @returns {Target}
 */
function own(folder) {
  return { folder, env: process.env, dataName: 'own', settings: {} };
}

/**
 * An absolute path; `undefined`: the sample
 * @param {string | undefined} folder as it was given
 */
function chosenFolder(folder) {
  if (folder === undefined) return undefined;
  const path = resolve(process.env.INIT_CWD ?? process.cwd(), folder);
  if (!existsSync(path)) {
    console.error(`There is no folder ${path}`);
    process.exit(2);
  }
  return path;
}

function hasDesktop() {
  const display = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  const name = process.platform === 'win32' ? 'code.cmd' : 'code';
  return Boolean(display) && (process.env.PATH ?? '').split(delimiter).some(dir => existsSync(join(dir, name)));
}

/** @param {Target} target */
async function openDesktop({ folder, env }) {
  const options = { env, shell: process.platform === 'win32' };
  const args = [`--extensionDevelopmentPath=${root}`, '--new-window', folder];
  process.exit(await next('opening VS Code', () => run('code', args, options)));
}

/** @param {Target} target */
async function serve({ folder, env, dataName, settings }) {
  const dataDir = join(cacheDir, `start-${dataName}`);
  const extensionsDir = join(dataDir, 'extensions');
  await next('VS Code', () => fetchServer());
  const server = await next('starting it', () => {
    installExtension(extensionsDir);
    const port = Number(process.env.PORT ?? 0);
    return startServer({ dataDir, extensionsDir, env, port, settings: { ...quiet, ...settings } });
  });
  console.log(`\nVS Code with PHLB: ${server.url}?folder=${encodeURIComponent(folder).replaceAll('%2F', '/')}`);
  console.log('Open it in a browser. Ctrl-C ends it.');
  await server.exited;
}
