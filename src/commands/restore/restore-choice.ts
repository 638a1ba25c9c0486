import * as vscode from 'vscode';
import type { RestoreResult } from '../../engine/words/model.js';
import { basename, dirname } from '../../engine/words/names.js';
import { isAtOrBelow } from '../../engine/words/repositories.js';
import type { PickItem } from '../../host/editor/pick-list.js';
import { tick } from '../../host/editor/tick-list.js';
import type { Services } from '../../host/backup/services.js';
import { peek } from './peek.js';
import { changesOf } from './restore-preview.js';
import type { Wanted } from './wanted.js';

interface ChangeItem extends PickItem {
  path: string;
}

/** More than anybody goes through, and a list of it would hold up the editor. */
const LISTED_AT_MOST = 2000;

/** Lets the user tick what of a restore is to be done. Resolves to paths; `undefined`: nothing. */
export async function chooseChanges(
  wanted: Wanted,
  plain: RestoreResult,
  services: Services,
): Promise<string[] | undefined> {
  const { dates, messages } = services;
  const all = changesOf(plain);
  const replaced = new Set(plain.overwritten.map(({ path }) => path));
  const shown = all.slice(0, LISTED_AT_MOST);
  const chosen = await tick<ChangeItem>({
    title: vscode.l10n.t('Restore {0} ({1})', wanted.name, wanted.when),
    placeholder:
      all.length > shown.length
        ? vscode.l10n.t(
            'Tick what to restore. Listed are the first {0} of {1}; the others stay as they are.',
            dates.number(shown.length),
            dates.number(all.length),
          )
        : vscode.l10n.t('Tick what to restore; the rest stays as it is'),
    items: shown.map(path => toItem(path, replaced.has(path))),
    ticked: true,
    onButton: async ({ path }) => {
      const place = wanted.places.find(one => one.path === '' || isAtOrBelow(path, one.path));
      if (place) await peek(services, { ...place, path });
    },
    onFailure: error => messages.failure(vscode.l10n.t('PHLB could not do this.'), error),
  });
  return chosen?.map(({ path }) => path);
}

function toItem(path: string, isReplaced: boolean): ChangeItem {
  const what = isReplaced ? vscode.l10n.t('overwritten') : vscode.l10n.t('put back');
  const folder = dirname(path);
  return {
    path,
    icon: isReplaced ? 'diff-modified' : 'diff-added',
    label: basename(path),
    description: folder === '' ? what : `${folder} · ${what}`,
    buttons: [{ iconPath: new vscode.ThemeIcon('git-compare'), tooltip: vscode.l10n.t('Show Changes') }],
  };
}
