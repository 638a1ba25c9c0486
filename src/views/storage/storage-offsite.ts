import * as vscode from 'vscode';
import type { OffsiteSchedule } from '../../contributions.js';
import { snapshotCount } from '../../host/editor/count-text.js';
import type { DateFormat } from '../../host/editor/dates.js';
import { homePath } from '../../host/editor/home-path.js';
import type { OffsiteState } from '../../host/offsite/copies.js';
import { failingText } from '../../host/offsite/texts.js';
import type { Figure, OffsiteReport, PageButton } from './messages.js';

export interface OffsiteFacts {
  state: OffsiteState;
  schedule: OffsiteSchedule;
  /** the schedule may run by itself here */
  isAgreed: boolean;
}

/** What the page says of the copies off this machine. */
export function offsiteReport({ state, schedule, isAgreed }: OffsiteFacts, dates: DateFormat): OffsiteReport {
  const { repository, isCopying, history, problem } = state;
  const isFailing = history.failingSince !== undefined && !isCopying;
  const report = { title: vscode.l10n.t('Off this machine'), repository: '', alarming: isFailing };
  if (repository === undefined) {
    return {
      ...report,
      summary: vscode.l10n.t('There are no copies off this machine. Should it be lost, so are all snapshots.'),
      facts: [],
      note: vscode.l10n.t(
        'They would be encrypted, in a restic repository on a server or on another disk. The first copy asks where.',
      ),
      buttons: [pushButton(), recoverButton()],
    };
  }
  return {
    ...report,
    repository: homePath(repository),
    summary: isCopying
      ? vscode.l10n.t('Snapshots are being copied off this machine.')
      : isFailing
        ? failingText(history.failingSince ?? 0, problem, dates)
        : '',
    facts: facts(state, schedule, dates),
    note:
      schedule === 'off' || isAgreed
        ? ''
        : vscode.l10n.t('By itself nothing is copied from this window until automatic backups are agreed to.'),
    buttons: [
      pushButton(),
      { action: 'offsiteCheck', text: vscode.l10n.t('Check Off-Machine Copies') },
      recoverButton(),
      { action: 'offsiteSettings', text: vscode.l10n.t('Settings') },
    ],
  };
}

function facts({ status, history }: OffsiteState, schedule: OffsiteSchedule, dates: DateFormat): Figure[] {
  const { pending = [], pendingNewest = [], copies = [], bytes = null, lastCheck = null } = status ?? {};
  const unknown = '–';
  const waits = schedule === 'off' ? pending : pendingNewest;
  const others = pending.length - waits.length;
  return [
    {
      label: vscode.l10n.t('Last copy'),
      value: history.success === undefined ? vscode.l10n.t('none yet') : dates.short(new Date(history.success)),
      note: scheduleText(schedule),
    },
    {
      label: vscode.l10n.t('Waiting for a copy'),
      value: status === undefined ? unknown : dates.number(waits.length),
      note: others > 0 ? vscode.l10n.t('and {0} that the schedule leaves out', snapshotCount(others, dates)) : '',
    },
    {
      label: vscode.l10n.t('Size there'),
      value: bytes === null ? unknown : dates.size(bytes),
      note: copies.length === 0 ? '' : snapshotCount(copies.length, dates),
    },
    {
      label: vscode.l10n.t('Last check'),
      value: lastCheck === null ? vscode.l10n.t('never') : dates.short(new Date(lastCheck)),
      note: '',
    },
  ];
}

function scheduleText(schedule: OffsiteSchedule): string {
  switch (schedule) {
    case 'off':
      return vscode.l10n.t('only by hand');
    case 'hourly':
      return vscode.l10n.t('every hour');
    case 'daily':
      return vscode.l10n.t('once a day');
  }
}

function pushButton(): PageButton {
  return { action: 'offsitePush', text: vscode.l10n.t('Copy Off This Machine Now') };
}

/** For a page that has nothing to show, too. */
export function recoverButton(): PageButton {
  return { action: 'offsiteRecover', text: vscode.l10n.t('Recover from Off-Machine Copies…') };
}
