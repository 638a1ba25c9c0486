import { PhlbError } from '../engine/words/errors.js';
import { parseDuration, type RetentionRules } from '../engine/words/retention.js';
import type { OptionName, OptionValues } from './options.js';

export const RETENTION_OPTIONS = [
  'keep-last',
  'keep-hourly',
  'keep-daily',
  'keep-weekly',
  'keep-monthly',
  'keep-yearly',
  'keep-within',
] as const satisfies readonly OptionName[];

/** The rules that the options ask for. Throws `usage` for what is no number or duration. */
export function retentionFrom(options: Pick<OptionValues, (typeof RETENTION_OPTIONS)[number]>): RetentionRules {
  const within = options['keep-within'];
  return {
    keepLast: number('--keep-last', options['keep-last']),
    keepHourly: number('--keep-hourly', options['keep-hourly']),
    keepDaily: number('--keep-daily', options['keep-daily']),
    keepWeekly: number('--keep-weekly', options['keep-weekly']),
    keepMonthly: number('--keep-monthly', options['keep-monthly']),
    keepYearly: number('--keep-yearly', options['keep-yearly']),
    ...(within === undefined ? {} : { keepWithin: parseDuration(within) }),
  };
}

function number(option: string, text = '0'): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new PhlbError('usage', `${option} needs a number of snapshots, not ${text === '' ? 'nothing' : text}`);
}
