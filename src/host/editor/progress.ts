import * as vscode from 'vscode';
import type { Progress } from '../../engine/words/model.js';
import type { CallOptions } from '../../worker/client.js';
import { fileCount } from './count-text.js';
import type { DateFormat } from './dates.js';
import { showProgress } from './dialogs.js';
import { phraseText } from './error-text.js';

/** Runs `work` under a notification with a cancel button, which aborts the signal. */
export function withProgress<T>(
  title: string,
  dates: DateFormat,
  work: (call: CallOptions) => Promise<T>,
  abort = new AbortController(),
): Promise<T> {
  const running = showProgress(title, async (report, token) => {
    const listening = token.onCancellationRequested(() => abort.abort());
    let shown = 0;
    try {
      return await work({
        signal: abort.signal,
        onProgress: progress => {
          const percent = percentOf(progress);
          const increment = percent === undefined ? 0 : Math.max(0, percent - shown);
          shown += increment;
          report(progressText(progress, dates), increment);
        },
      });
    } finally {
      listening.dispose();
    }
  });
  return Promise.resolve(running);
}

/** `Scanning: 1,200 files` */
export function progressText(progress: Progress, dates: DateFormat): string {
  if (progress.phase === 'waiting' && progress.detail) {
    return `${phaseText(progress.phase)}: ${phraseText(progress.detail)}`;
  }
  const phase = phaseText(progress.phase);
  if (progress.files === 0) return phase;
  const files =
    progress.totalFiles === undefined
      ? fileCount(progress.files, dates)
      : vscode.l10n.t('{0} of {1} files', dates.number(progress.files), dates.number(progress.totalFiles));
  return `${phase}: ${files}`;
}

function phaseText(phase: Progress['phase']): string {
  switch (phase) {
    case 'waiting':
      return vscode.l10n.t('Waiting');
    case 'scanning':
      return vscode.l10n.t('Scanning');
    case 'flushing':
      return vscode.l10n.t('Flushing to disk');
    case 'indexing':
      return vscode.l10n.t('Updating the index');
    case 'verifying':
      return vscode.l10n.t('Verifying');
    case 'restoring':
      return vscode.l10n.t('Restoring');
    case 'salvaging':
      return vscode.l10n.t('Cleaning up after an interrupted run');
    case 'measuring':
      return vscode.l10n.t('Measuring');
    case 'deleting':
      return vscode.l10n.t('Deleting');
  }
}

function percentOf(progress: Progress): number | undefined {
  if (progress.totalBytes) return Math.min(100, (100 * progress.bytes) / progress.totalBytes);
  if (progress.totalFiles) return Math.min(100, (100 * progress.files) / progress.totalFiles);
  return undefined;
}
