import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join, parse, resolve } from 'node:path';
import { nameFromBuffer, namedAmong } from '../engine/names.js';

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

/** `path` made absolute against the working folder, whatever bytes that folder's name holds. */
export function absolute(path: string): string {
  return resolve(workingFolder(), path);
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
  } catch {
    return [];
  }
}

function workingFolder(): string {
  const folder = process.cwd();
  if (!lossy(folder)) return folder;
  try {
    return nameFromBuffer(readlinkSync('/proc/self/cwd', 'buffer'));
  } catch {
    return folder;
  }
}

function lossy(text: string | undefined): boolean {
  return text?.includes(REPLACEMENT) ?? false;
}

// `undefined` where there is no /proc (macOS, Windows): the caller keeps what Node gave.
function nulSeparated(file: string): string[] | undefined {
  try {
    return nameFromBuffer(readFileSync(file)).replace(/\0$/, '').split('\0');
  } catch {
    return undefined;
  }
}
