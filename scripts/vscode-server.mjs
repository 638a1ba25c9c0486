// A real VS Code from npm: the workbench and extension host that code-server packs, without code-server's own entry.
/** @import { ChildProcess } from 'node:child_process' */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fetchPackage, installInside } from './cache.mjs';
import { start, stop } from './processes.mjs';

/** @typedef {{ server: string, node: number, megabytes: number }} Version `megabytes`: of the package, roughly */

/** code-server's versions and the Node that runs each: VS Code 1.139 and the floor of `engines.vscode`, 1.103 */
export const versions = {
  current: { server: '4.139.1', node: 24, megabytes: 47 },
  oldest: { server: '4.103.2', node: 22, megabytes: 44 },
};

/** What tests see or ask of the hundred extensions that come with the editor. */
const ownExtensions = [
  ...['git', 'git-base', 'theme-defaults', 'theme-seti', 'media-preview'],
  ...['javascript', 'json', 'markdown-basics', 'typescript-basics'],
];

/**
 * @param {Version} version
 * @returns paths of the Node binary and of the server's script, fetched if they are not in the cache
 */
export async function fetchServer({ server, node, megabytes } = versions.current) {
  const nodeBinary = await fetchNode(node);
  const folder = await fetchPackage(`code-server@${server}`, {
    megabytes,
    prepare: async (unpacked, report) => {
      await installInside(join(unpacked, 'lib', 'vscode'), report);
      await installInside(join(unpacked, 'lib', 'vscode', 'extensions'), report);
    },
  });
  return { node: nodeBinary, serverMain: join(folder, 'lib', 'vscode', 'out', 'server-main.js') };
}

/** @param {number} major */
async function fetchNode(major) {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const system = process.platform === 'win32' ? 'win' : process.platform;
  const folder = await fetchPackage(`node-${system}-${process.arch}@${major}`);
  return join(folder, 'bin', system === 'win' ? 'node.exe' : 'node');
}

/**
 * @typedef {object} ServerOptions
 * @property {string} dataDir server data: settings, logs
 * @property {string} extensionsDir installed extensions
 * @property {number} [port] 0: a free one
 * @property {Record<string, unknown>} [settings] machine settings, replaced
 * @property {string[]} [args] further arguments of server-main.js
 * @property {NodeJS.ProcessEnv} [env]
 * @property {Version} [version]
 * @property {boolean} [lean] with a few of the editor's own extensions only: each window reads and starts less
 * @property {boolean} [trust] false shows workspaces in restricted mode until the user trusts them
 * @property {number | 'ignore'} [log] file descriptor for the server's output
 */

/** @typedef {Awaited<ReturnType<typeof startServer>>} Server */

/**
 * Starts a server and waits until it answers.
 * @param {ServerOptions} options
 */
export async function startServer({
  dataDir,
  extensionsDir,
  port = 0,
  settings,
  args = [],
  env = process.env,
  version = versions.current,
  lean = false,
  trust = true,
  log = 'ignore',
}) {
  const { node, serverMain } = await fetchServer(version);
  mkdirSync(extensionsDir, { recursive: true });
  if (settings) writeSettings(dataDir, settings);
  const chosenPort = port || (await freePort());
  const child = start(
    node,
    [
      serverMain,
      ...['--host', '127.0.0.1', '--port', String(chosenPort), '--without-connection-token'],
      ...['--accept-server-license-terms', '--telemetry-level', 'off'],
      ...['--server-data-dir', dataDir, '--extensions-dir', extensionsDir],
      ...(trust ? ['--disable-workspace-trust'] : []),
      ...(lean ? ['--builtin-extensions-dir', linkOwnExtensions(dataDir, serverMain)] : []),
      ...args,
    ],
    { env, stdio: ['ignore', log, log] },
  );
  const url = `http://127.0.0.1:${chosenPort}/`;
  try {
    await answers(url, child);
  } catch (error) {
    await stop(child);
    throw error;
  }
  return {
    url,
    port: chosenPort,
    pid: child.pid,
    stop: () => stop(child),
    exited: new Promise(done => child.once('exit', done)),
  };
}

/**
 * @param {string} dataDir
 * @param {Record<string, unknown>} settings
 */
function writeSettings(dataDir, settings) {
  const folder = join(dataDir, 'data', 'Machine');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'settings.json'), JSON.stringify(settings, undefined, 2));
}

/**
 * @param {string} dataDir
 * @param {string} serverMain
 * @returns the folder
 */
function linkOwnExtensions(dataDir, serverMain) {
  const folder = join(dataDir, 'own-extensions');
  mkdirSync(folder, { recursive: true });
  const all = join(dirname(serverMain), '..', 'extensions');
  // Windows lets everybody make junctions, and links not.
  for (const name of ownExtensions) symlinkSync(join(all, name), join(folder, name), 'junction');
  return folder;
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port);
        else reject(new Error(`The system gave no port but ${address}`));
      });
    });
  });
}

/**
 * @param {string} url
 * @param {ChildProcess} child
 */
async function answers(url, child) {
  for (let waited = 0; waited < 60_000; waited += 100) {
    if (child.exitCode !== null) throw new Error(`The VS Code server ended with exit code ${child.exitCode}`);
    if (await isUp(url)) return;
    await sleep(100);
  }
  throw new Error(`The VS Code server did not answer at ${url} within a minute`);
}

/**
 * @param {string} url
 * @returns {Promise<boolean>}
 */
function isUp(url) {
  return new Promise(resolve => {
    get(url, response => {
      response.resume();
      resolve(response.statusCode === 200);
    }).once('error', () => resolve(false));
  });
}
