import type { BackupResult } from '../../engine/words/model.js';
import type { DateFormat } from '../editor/dates.js';

/** One run in one line of the log, whose time stamp is that of its end. In English, as all of the log. */
export function runLine(result: BackupResult, automatic: boolean, dates: DateFormat): string {
  const { id, source, published, files, changed, errors } = {
    ...result,
    changed: result.files - result.unchangedFiles,
  };
  const count = (n: number, one: string): string => `${dates.number(n)} ${one}${n === 1 ? '' : 's'}`;
  const facts = published
    ? [
        count(files, 'file'),
        `${dates.number(changed)} of them new or changed`,
        `${dates.size(result.copiedBytes)} newly stored`,
      ]
    : ['nothing has changed', count(files, 'file')];
  if (errors.length > 0) facts.push(count(errors.length, 'error'));
  const took = tookText(Date.parse(result.finishedAt) - Date.parse(result.startedAt));
  const target = published && id !== null ? ` as ${id}` : '';
  return `${byWhom(automatic)}: ${source}${target}: ${[...facts, took].join(', ')}`;
}

/** The same of one that failed. @param tookMs milliseconds */
export function failedRunLine(source: string, reason: string, tookMs: number, automatic: boolean): string {
  return `${byWhom(automatic)}: ${source}: failed after ${tookText(tookMs)}: ${reason}`;
}

function byWhom(automatic: boolean): string {
  return automatic ? 'Automatic backup' : 'Backup';
}

function tookText(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  return seconds < 60 ? `${seconds.toFixed(1)} s` : `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}
