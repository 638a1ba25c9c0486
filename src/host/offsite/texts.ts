import * as vscode from 'vscode';
import type { OffsiteSchedule } from '../../contributions.js';
import { snapshotCount } from '../editor/count-text.js';
import type { DateFormat } from '../editor/dates.js';
import type { OffsiteState } from './copies.js';

/** What the status bar's tooltip says of the copies off this machine, a line each; nothing where there is no repository. */
export function offsiteLines(state: OffsiteState, schedule: OffsiteSchedule, dates: DateFormat): string[] {
  const { repository, isCopying, history } = state;
  if (repository === undefined) return [];
  const { failingSince } = history;
  return [
    isCopying ? vscode.l10n.t('Snapshots are being copied off this machine') : '',
    failingSince === undefined ? '' : failingText(failingSince, state.problem, dates),
    copiedText(state, schedule, dates),
  ].filter(text => text !== '');
}

/** How many snapshots wait for a copy: with a schedule, of those that it copies. */
function waiting({ status }: OffsiteState, schedule: OffsiteSchedule): number | undefined {
  return schedule === 'off' ? status?.pending.length : status?.pendingNewest.length;
}

export function failingText(since: number, problem: string | undefined, dates: DateFormat): string {
  const when = dates.short(new Date(since));
  return problem === undefined
    ? vscode.l10n.t('Copying off this machine fails since {0}', when)
    : vscode.l10n.t('Copying off this machine fails since {0}: {1}', when, problem);
}

function copiedText(state: OffsiteState, schedule: OffsiteSchedule, dates: DateFormat): string {
  const { success } = state.history;
  const count = waiting(state, schedule) ?? 0;
  const wait = snapshotCount(count, dates);
  if (success === undefined) {
    if (state.status === undefined) return '';
    return count === 0
      ? vscode.l10n.t('Not copied off this machine yet')
      : vscode.l10n.t('Not copied off this machine yet, waiting: {0}', wait);
  }
  const ago = dates.ago(new Date(success));
  if (count === 0) return vscode.l10n.t('Copied off this machine {0}', ago);
  return count === 1
    ? vscode.l10n.t('Copied off this machine {0}, 1 snapshot waits', ago)
    : vscode.l10n.t('Copied off this machine {0}, {1} snapshots wait', ago, dates.number(count));
}
