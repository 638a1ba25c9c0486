import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { isAbsolute, join, parse, resolve } from 'node:path';
import { errno, passUnforeseen, PhlbError } from '../engine/words/errors.js';
import { nameFromBuffer, namedAmong } from '../engine/words/names.js';

const REPLACEMENT = '\uFFFD';

/**
 * The arguments after the script's name. Node decodes them as UTF-8 and loses what is not; Linux has the bytes
 * in `/proc`, from which such names are read again in the engine's spelling (`names.ts`).
 */
export function exactArguments(argv: string[] = process.argv): string[] {
  const args = argv.slice(2);
  if (!args.some(lossy)) return args;
  const exact = nulSeparated('/proc/self/cmdline');
  return exact && exact.length >= argv.length ? exact.slice(exact.length - args.length) : args;
}

/** The environment, likewise. */
export function exactEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  if (!Object.values(env).some(value => lossy(value))) return env;
  const exact = nulSeparated('/proc/self/environ') ?? [];
  const pairs = exact.map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const);
  return { ...env, ...Object.fromEntries(pairs.filter(([name]) => lossy(env[name]))) };
}

/**
 * `path` made absolute against the working folder, whatever bytes that folder's name holds.
 * @throws PhlbError `usage` for a relative one where that folder has gone
 */
export function absolute(path: string): string {
  return isAbsolute(path) ? resolve(path) : resolve(workingFolder(path), path);
}

/** No thread starts in a folder that is gone, and once all paths are absolute nobody needs it. */
export function leaveGoneFolder(): void {
  try {
    process.cwd();
  } catch (error) {
    passUnforeseen(error);
    process.chdir(parse(process.execPath).root);
  }
}

/** An absolute path as the names in it are spelled on the disk, as far as they are there: on Windows they may be typed in any case. */
export function onDisk(path: string, platform = process.platform): string {
  if (platform !== 'win32') return path;
  const { dir, base } = parse(path);
  if (base === '') return path;
  const folder = onDisk(dir, platform);
  return join(folder, namedAmong(namesIn(folder), base, platform));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    passUnforeseen(error);
    return [];
  }
}

function workingFolder(relative: string): string {
  const folder = currentFolder(relative);
  if (!lossy(folder)) return folder;
  try {
    return nameFromBuffer(readlinkSync('/proc/self/cwd', 'buffer'));
  } catch (error) {
    passUnforeseen(error);
    return folder;
  }
}

function currentFolder(relative: string): string {
  try {
    return process.cwd();
  } catch (error) {
    if (errno(error) === undefined) throw error;
    throw new PhlbError('usage', `The current folder no longer exists (${errno(error)})`, {
      path: relative,
      hint: 'use absolute paths, or change to another folder',
      cause: error,
    });
  }
}

function lossy(text: string | undefined): boolean {
  return text?.includes(REPLACEMENT) ?? false;
}

// `undefined` where there is no /proc (macOS, Windows): the caller keeps what Node gave.
function nulSeparated(file: string): string[] | undefined {
  try {
    return nameFromBuffer(readFileSync(file)).replace(/\0$/, '').split('\0');
  } catch (error) {
    passUnforeseen(error);
    return undefined;
  }
}
