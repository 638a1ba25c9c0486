/** The scripts that make `phlb` a command: they run the bundled program with the editor's own Node. */
import { randomBytes } from 'node:crypto';
import { chmod, lstat, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { errno } from '../../engine/words/errors.js';
import { LAUNCHER_MARK } from '../../setup/own-program.js';

const PRIVATE = 0o700;
const EXECUTABLE = 0o755;

export interface CliProgram {
  /** the editor's executable, which is Node when it is told to be */
  node: string;
  /** `dist/cli.js` */
  cli: string;
}

/**
 * Writes `phlb` and `phlb.cmd` into a folder unless they are there as they should be. The folder is to come first on the
 * PATH, so it and the one above, the extension's own, are made private. @throws the system's error; Error for a link or a file in the folder's place
 */
export async function installCli(folder: string, program: CliProgram): Promise<void> {
  // Who can write in the one above could put another in its place.
  for (const one of [dirname(folder), folder]) await makePrivate(one);
  await put(join(folder, 'phlb'), shellScript(program));
  await put(join(folder, 'phlb.cmd'), batchScript(program));
}

/**
 * Makes a folder that nobody else can write in, read or list: mode 0700, whatever the umask is, or was when it was made.
 * The one above is there (vscode.ExtensionContext.globalStorageUri).
 * @throws the system's error; Error for a link or a file in its place
 */
async function makePrivate(folder: string): Promise<void> {
  await makeUnlessThere(folder);
  const stat = await lstat(folder);
  if (!stat.isDirectory()) throw new Error(`A link is in the place of a folder of PHLB's: ${folder}`);
  // On Windows the access list of the user's profile does it; there a mode says nothing.
  if (process.platform !== 'win32' && (stat.mode & 0o777) !== PRIVATE) await chmod(folder, PRIVATE);
}

/** For any POSIX shell. */
function shellScript({ node, cli }: CliProgram): string {
  return [
    '#!/bin/sh',
    `# ${LAUNCHER_MARK}, which replaces it when it starts.`,
    'ELECTRON_RUN_AS_NODE=1',
    'export ELECTRON_RUN_AS_NODE',
    `exec ${quote(node)} ${quote(cli)} "$@"`,
    '',
  ].join('\n');
}

/** For Windows. What lies in the home folder is named by it: a batch file has no way to say in which encoding it is. */
export function batchScript({ node, cli }: CliProgram, home = homedir()): string {
  return [
    '@echo off',
    `rem ${LAUNCHER_MARK}, which replaces it when it starts.`,
    'setlocal',
    'set ELECTRON_RUN_AS_NODE=1',
    `"${batchPath(node, home)}" "${batchPath(cli, home)}" %*`,
    '',
  ].join('\r\n');
}

function quote(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}

function batchPath(path: string, home: string): string {
  const inHome = path.toLowerCase().startsWith(`${home.toLowerCase()}\\`);
  const rest = inHome ? path.slice(home.length) : path;
  return (inHome ? '%USERPROFILE%' : '') + rest.replaceAll('%', '%%');
}

async function makeUnlessThere(folder: string): Promise<void> {
  try {
    await mkdir(folder, PRIVATE);
  } catch (error) {
    if (errno(error) !== 'EEXIST') throw error;
  }
}

// As a whole: a terminal of another window may be about to run it.
async function put(file: string, text: string): Promise<void> {
  if (await isThere(file, text)) return;
  const temporary = `${file}.${randomBytes(6).toString('hex')}.new`;
  try {
    await writeFile(temporary, text, { flag: 'wx' });
    await chmod(temporary, EXECUTABLE);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function isThere(file: string, text: string): Promise<boolean> {
  try {
    const [present, { mode }] = await Promise.all([readFile(file, 'utf8'), lstat(file)]);
    return present === text && (process.platform === 'win32' || (mode & 0o777) === EXECUTABLE);
  } catch (error) {
    if (errno(error) === 'ENOENT') return false;
    throw error;
  }
}
