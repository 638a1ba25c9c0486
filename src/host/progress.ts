import * as vscode from 'vscode';
import type { Progress } from '../engine/model.js';
import type { CallOptions } from '../worker/client.js';
import type { DateFormat } from './dates.js';

export interface ProgressOptions {
  title: string;
  /** a notification with a cancel button, for what a person has asked for; otherwise a line in the status bar */
  visible: boolean;
}

/** Runs `work` under the editor's progress display; its cancel button aborts the signal. */
export function withProgress<T>(
  options: ProgressOptions,
  dates: DateFormat,
  work: (call: CallOptions) => Promise<T>,
): Promise<T> {
  const location = options.visible ? vscode.ProgressLocation.Notification : vscode.ProgressLocation.Window;
  const running = vscode.window.withProgress(
    { location, title: options.title, cancellable: options.visible },
    async (display, token) => {
      const abort = new AbortController();
      const listening = token.onCancellationRequested(() => abort.abort());
      let shown = 0;
      try {
        return await work({
          signal: abort.signal,
          onProgress: progress => {
            const percent = percentOf(progress);
            const increment = percent === undefined ? 0 : Math.max(0, percent - shown);
            shown += increment;
            const message = progressText(progress, dates);
            display.report(increment > 0 ? { message, increment } : { message });
          },
        });
      } finally {
        listening.dispose();
      }
    },
  );
  return Promise.resolve(running);
}

/** `Scanning: 1,200 files` */
export function progressText(progress: Progress, dates: DateFormat): string {
  if (progress.phase === 'waiting' && progress.detail !== undefined) return progress.detail;
  const phase = phaseText(progress.phase);
  if (progress.files === 0) return phase;
  const files =
    progress.totalFiles === undefined
      ? vscode.l10n.t('{0} files', dates.number(progress.files))
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
      return vscode.l10n.t('Indexing');
    case 'verifying':
      return vscode.l10n.t('Verifying');
    case 'restoring':
      return vscode.l10n.t('Restoring');
    case 'salvaging':
      return vscode.l10n.t('Cleaning up after an interrupted run');
  }
}

function percentOf(progress: Progress): number | undefined {
  if (progress.totalBytes) return Math.min(100, (100 * progress.bytes) / progress.totalBytes);
  if (progress.totalFiles) return Math.min(100, (100 * progress.files) / progress.totalFiles);
  return undefined;
}
