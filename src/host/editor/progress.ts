import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { Progress } from '../../engine/words/model.js';
import type { CallOptions } from '../../worker/client.js';
import { fileCount } from './count-text.js';
import type { DateFormat } from './dates.js';
import { showProgress } from './dialogs.js';
import { phraseText } from './error-text.js';
import { Estimate, type TimeLeft } from './time-left.js';

/** What is over sooner needs no word; and of more than three messages within 0.8 s the editor shows none but the first. */
const QUICK_MS = 500;

/** Runs `work`, from half a second on under a notification with a cancel button, which aborts the signal. */
export async function withProgress<T>(
  title: string,
  dates: DateFormat,
  work: (call: CallOptions) => Promise<T>,
  abort = new AbortController(),
): Promise<T> {
  const say = progressWords(dates, title);
  let latest: Progress | undefined;
  let show: ((progress: Progress) => void) | undefined;
  const onProgress = (progress: Progress): void => {
    latest = progress;
    show?.(progress);
  };
  const working = work({ signal: abort.signal, onProgress });
  const ended = working.then(
    () => 'ended',
    () => 'ended',
  );
  if ((await Promise.race([ended, sleep(QUICK_MS)])) === 'ended') return working;
  void showProgress(title, async (report, token) => {
    let shown = 0;
    show = progress => {
      const percent = percentOf(progress);
      const increment = percent === undefined ? 0 : Math.max(0, percent - shown);
      shown += increment;
      report(say(progress), increment);
    };
    if (latest) show(latest);
    const listening = token.onCancellationRequested(() => abort.abort());
    await ended;
    listening.dispose();
  });
  return working;
}

/**
 * What is said of one call as it goes on: how far it has come and, once it takes long, how long it still does.
 * @param title stands before it already, and is not said again
 */
export function progressWords(dates: DateFormat, title = ''): (progress: Progress) => string {
  const estimate = new Estimate();
  return progress => {
    const left = estimate.after(progress);
    const counts = [countText(progress, dates), left === undefined ? '' : leftText(left, dates)];
    const phase = phaseText(progress.phase);
    const told = counts.filter(text => text !== '').join(', ');
    return [phase === title ? '' : phase, told].filter(text => text !== '').join(': ');
  };
}

/** `Looking through the files: 1,200 files, 34 MB` */
export function progressText(progress: Progress, dates: DateFormat): string {
  const told = countText(progress, dates);
  return told === '' ? phaseText(progress.phase) : `${phaseText(progress.phase)}: ${told}`;
}

function countText({ files, bytes, totalFiles, detail }: Progress, dates: DateFormat): string {
  if (detail) return phraseText(detail);
  if (files === 0) return '';
  if (totalFiles !== undefined) {
    return vscode.l10n.t('{0} of {1} files', dates.number(files), dates.number(totalFiles));
  }
  return bytes > 0 ? `${fileCount(files, dates)}, ${dates.size(bytes)}` : fileCount(files, dates);
}

function leftText(left: TimeLeft, dates: DateFormat): string {
  if (left === 'soon') return vscode.l10n.t('less than a minute left');
  return 'minutes' in left
    ? vscode.l10n.t('about {0} min left', dates.number(left.minutes))
    : vscode.l10n.t('about {0} hr left', dates.number(left.hours));
}

function phaseText(phase: Progress['phase']): string {
  switch (phase) {
    case 'waiting':
      return vscode.l10n.t('Waiting');
    case 'scanning':
      return vscode.l10n.t('Looking through the files');
    case 'flushing':
      return vscode.l10n.t('Making sure that everything is on the disk');
    case 'indexing':
      return vscode.l10n.t('Updating the list of file versions');
    case 'verifying':
      return vscode.l10n.t('Checking what is stored');
    case 'restoring':
      return vscode.l10n.t('Restoring');
    case 'salvaging':
      return vscode.l10n.t('Cleaning up after an interrupted backup');
    case 'measuring':
      return vscode.l10n.t('Measuring');
    case 'deleting':
      return vscode.l10n.t('Deleting');
    case 'asking':
      return vscode.l10n.t('Asking the repository');
    case 'sending':
      return vscode.l10n.t('Copying off this machine');
    case 'fetching':
      return vscode.l10n.t('Fetching from the repository');
    case 'searching':
      return vscode.l10n.t('Searching');
  }
}

function percentOf(progress: Progress): number | undefined {
  if (progress.totalBytes) return Math.min(100, (100 * progress.bytes) / progress.totalBytes);
  if (progress.totalFiles) return Math.min(100, (100 * progress.files) / progress.totalFiles);
  return undefined;
}
