import * as vscode from 'vscode';
import type { KeepReason } from '../../engine/words/retention.js';

/** Why a snapshot stays when old ones are cleaned up, in words. */
export function keepReasonText(reason: KeepReason): string {
  switch (reason) {
    case 'last':
      return vscode.l10n.t('one of the newest');
    case 'hourly':
      return vscode.l10n.t('newest of its hour');
    case 'daily':
      return vscode.l10n.t('newest of its day');
    case 'weekly':
      return vscode.l10n.t('newest of its week');
    case 'monthly':
      return vscode.l10n.t('newest of its month');
    case 'yearly':
      return vscode.l10n.t('newest of its year');
    case 'within':
      return vscode.l10n.t('recent');
    case 'oldest':
      return vscode.l10n.t('the oldest');
    case 'pinned':
      return vscode.l10n.t('pinned');
    case 'future':
      return vscode.l10n.t('dated in the future');
    case 'unreadable':
      return vscode.l10n.t('its record cannot be read');
    case 'adopted':
      return vscode.l10n.t('of an old PyHardLinkBackup');
    case 'safety':
      return vscode.l10n.t('what a restore replaced');
    case 'turn':
      return vscode.l10n.t('needed to take back what an agent changed');
    case 'files':
      return vscode.l10n.t('the newest with files');
  }
}
