import { PhlbError } from '../engine/words/errors.js';
import type { Rules } from '../engine/words/model.js';
import { refuseAsRule } from '../engine/scan/impossible-globs.js';
import { DEFAULT_EXCLUDES } from '../engine/scan/rules.js';
import type { OptionName, OptionValues } from './options.js';

const RULE_OPTIONS = [
  'exclude',
  'no-default-excludes',
  'gitignore',
  'max-size',
  'one-file-system',
] as const satisfies readonly OptionName[];

/**
 * The rules that the options ask for; without any such option `undefined`: what the source remembers.
 * @throws PhlbError `usage` for a size that is none, and a glob that can match nothing
 */
export function rulesFrom(options: Pick<OptionValues, (typeof RULE_OPTIONS)[number]>): Rules | undefined {
  if (RULE_OPTIONS.every(name => options[name] === undefined)) return undefined;
  for (const glob of options.exclude ?? []) refuseAsRule(glob);
  const defaults = options['no-default-excludes'] === true ? [] : DEFAULT_EXCLUDES;
  const size = options['max-size'];
  return {
    exclude: [...defaults, ...(options.exclude ?? [])],
    useGitignore: options.gitignore === true,
    maxFileSize: size === undefined ? null : parseSize(size),
    oneFileSystem: options['one-file-system'] === true,
  };
}

/** Bytes from `512`, `10k`, `1.5G`, `2TiB` (powers of 1024); `none`: no limit. Throws `usage`. */
export function parseSize(text: string): number | null {
  if (text === 'none') return null;
  const match = /^(\d+(?:\.\d+)?)\s*(?:([kmgt])(?:i?b)?|b)?$/i.exec(text);
  const bytes = match ? Math.floor(Number(match[1]) * 1024 ** ' kmgt'.indexOf(match[2]?.toLowerCase() ?? ' ')) : NaN;
  if (!Number.isSafeInteger(bytes)) {
    throw new PhlbError('usage', `Not a size: ${text}`, { hint: 'as in 500k, 20M, 1.5G or 2T' });
  }
  return bytes;
}
