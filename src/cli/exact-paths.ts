/** For the process (`main.ts`): what Node decodes as UTF-8, and loses where it is not. Linux has the bytes in `/proc`. */
import { readFileSync, readlinkSync } from 'node:fs';
import { passUnforeseen } from '../engine/words/errors.js';
import { nameFromBuffer } from '../engine/words/names.js';

const REPLACEMENT = '\uFFFD';

/** The arguments after the script's name; those that are not UTF-8 in the engine's spelling (`names.ts`). */
export function exactArguments(argv: string[]): string[] {
  const args = argv.slice(2);
  if (!args.some(lossy)) return args;
  const exact = nulSeparated('/proc/self/cmdline');
  return exact && exact.length >= argv.length ? exact.slice(exact.length - args.length) : args;
}

/** The environment, likewise. */
export function exactEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (!Object.values(env).some(value => lossy(value))) return env;
  const exact = nulSeparated('/proc/self/environ') ?? [];
  const pairs = exact.map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const);
  return { ...env, ...Object.fromEntries(pairs.filter(([name]) => lossy(env[name]))) };
}

/** The working folder, likewise. */
export function exactFolder(folder: string): string {
  if (!lossy(folder)) return folder;
  try {
    return nameFromBuffer(readlinkSync('/proc/self/cwd', 'buffer'));
  } catch (error) {
    passUnforeseen(error);
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
  } catch (error) {
    passUnforeseen(error);
    return undefined;
  }
}
