import * as vscode from 'vscode';
import type { FoundVersion } from '../../host/catalog/found-text.js';
import type { DateFormat } from '../../host/editor/dates.js';

/** `3 matches` */
export function matchCount(count: number, dates: DateFormat): string {
  return count === 1 ? vscode.l10n.t('1 match') : vscode.l10n.t('{0} matches', dates.number(count));
}

/** `Today 14:02`, `Yesterday 09:10 – Today 14:02`: which snapshots hold it */
export function spanText({ first, last, firstAt, lastAt }: FoundVersion, dates: DateFormat): string {
  const newest = dates.short(new Date(lastAt));
  const oldest = dates.short(new Date(firstAt));
  return first === last || oldest === newest ? newest : `${oldest} – ${newest}`;
}

/** That today's file has none of its lines; `''`: it has. */
export function lostText({ deleted }: { deleted: boolean }): string {
  return deleted ? vscode.l10n.t('gone today') : '';
}

/** What stands beside a label. @param facts empty ones are left out */
export function joined(facts: readonly string[]): string {
  return facts.filter(fact => fact !== '').join(' · ');
}
