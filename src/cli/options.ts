import { parseArgs, type ParseArgsConfig } from 'node:util';
import { PhlbError } from '../engine/words/errors.js';

/** Every option of every command. A name means the same wherever it is allowed. */
const OPTIONS = {
  root: { type: 'string' },
  index: { type: 'string' },
  json: { type: 'boolean' },
  quiet: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
  name: { type: 'string' },
  adopt: { type: 'boolean' },
  exclude: { type: 'string', multiple: true },
  'no-default-excludes': { type: 'boolean' },
  gitignore: { type: 'boolean' },
  'max-size': { type: 'string' },
  'one-file-system': { type: 'boolean' },
  checksum: { type: 'boolean' },
  'skip-unchanged': { type: 'boolean' },
  label: { type: 'string' },
  cause: { type: 'string' },
  turn: { type: 'string' },
  before: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  init: { type: 'boolean' },
  'no-sync': { type: 'boolean' },
  'protect-folders': { type: 'boolean' },
  'no-protect-folders': { type: 'boolean' },
  all: { type: 'boolean' },
  quick: { type: 'boolean' },
  to: { type: 'string' },
  overwrite: { type: 'boolean' },
  delete: { type: 'boolean' },
  git: { type: 'boolean' },
  heal: { type: 'boolean' },
  deleted: { type: 'boolean' },
  yes: { type: 'boolean' },
  rehash: { type: 'boolean' },
  repository: { type: 'string' },
  newest: { type: 'boolean' },
  snapshot: { type: 'string' },
  store: { type: 'string' },
  offsite: { type: 'boolean' },
  project: { type: 'boolean' },
  print: { type: 'boolean' },
  remove: { type: 'boolean' },
  source: { type: 'string' },
  'ignore-case': { type: 'boolean', short: 'i' },
  'case-sensitive': { type: 'boolean', short: 's' },
  'fixed-strings': { type: 'boolean', short: 'F' },
  'word-regexp': { type: 'boolean', short: 'w' },
  'files-with-matches': { type: 'boolean', short: 'l' },
  count: { type: 'boolean', short: 'c' },
  'after-context': { type: 'string', short: 'A' },
  'before-context': { type: 'string', short: 'B' },
  context: { type: 'string', short: 'C' },
  glob: { type: 'string', short: 'g', multiple: true },
  since: { type: 'string' },
  until: { type: 'string' },
  changes: { type: 'boolean' },
  'keep-last': { type: 'string' },
  'keep-hourly': { type: 'string' },
  'keep-daily': { type: 'string' },
  'keep-weekly': { type: 'string' },
  'keep-monthly': { type: 'string' },
  'keep-yearly': { type: 'string' },
  'keep-within': { type: 'string' },
} as const satisfies ParseArgsConfig['options'];

export type OptionName = keyof typeof OPTIONS;
export type OptionValues = ReturnType<typeof parse>['values'];

/** Allowed with every command. */
export const GLOBAL_OPTIONS: readonly OptionName[] = ['root', 'index', 'json', 'quiet', 'help', 'version'];

export interface CommandLine {
  /** the first operand; `undefined`: none was given */
  command: string | undefined;
  /** what follows the command */
  operands: string[];
  values: OptionValues;
}

/** Takes the arguments apart; options may stand before and after the command. Throws `usage`. */
export function parseCommandLine(args: string[]): CommandLine {
  try {
    const { values, positionals } = parse(args);
    return { command: positionals[0], operands: positionals.slice(1), values };
  } catch (error) {
    // parseArgs adds advice on `--` in further sentences, which is longer than the fact.
    const message = error instanceof Error ? error.message.replace(/\.\s.*$/s, '') : String(error);
    throw new PhlbError('usage', message, { hint: 'see phlb --help', cause: error });
  }
}

function parse(args: string[]) {
  return parseArgs({ args, options: OPTIONS, allowPositionals: true, strict: true });
}
