import * as vscode from 'vscode';
import type { SnapshotInfo } from '../../engine/words/model.js';
import { basename } from '../../engine/words/names.js';
import type { DateFormat } from '../editor/dates.js';

/** What a safety snapshot is known by: `before restoring comp00.ts and 28 more`. */
export function safetyText({ restore }: SnapshotInfo, dates: DateFormat): string {
  if (!restore || restore.path === '') return vscode.l10n.t('before a restore');
  const { does, saved } = restore;
  const what = namedAndMore(restore.path, restore.count - 1, dates);
  switch (does) {
    case 'restore':
      return saved
        ? vscode.l10n.t('before restoring {0}', what)
        : vscode.l10n.t('restored {0} (nothing was overwritten)', what);
    case 'undo':
      return saved
        ? vscode.l10n.t('before undoing the restore of {0}', what)
        : vscode.l10n.t('undid the restore of {0} (nothing was overwritten)', what);
    case 'redo':
      return saved
        ? vscode.l10n.t('before restoring {0} again', what)
        : vscode.l10n.t('restored {0} again (nothing was overwritten)', what);
  }
}

/** `comp00.ts`, `comp00.ts and 28 more` */
export function namedAndMore(path: string, more: number, dates: DateFormat): string {
  return more > 0 ? vscode.l10n.t('{0} and {1} more', basename(path), dates.number(more)) : basename(path);
}
