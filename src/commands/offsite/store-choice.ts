import * as vscode from 'vscode';
import type { OffsiteStoresResult } from '../../engine/offsite/model.js';
import { PhlbError } from '../../engine/words/errors.js';
import { snapshotCount } from '../../host/editor/count-text.js';
import type { DateFormat } from '../../host/editor/dates.js';
import { pick } from '../../host/editor/pick-list.js';

/** Where a repository holds copies of several backup locations: asks of which. @throws PhlbError `cancelled` */
export async function chooseStore({ stores }: OffsiteStoresResult, dates: DateFormat): Promise<string | undefined> {
  if (stores.length < 2) return undefined;
  const items = stores.map(({ id, sources, copies, last }) => ({
    ...{ label: sources.join(', '), description: snapshotCount(copies, dates), id },
    ...(last === null ? {} : { detail: vscode.l10n.t('last copied {0}', dates.short(new Date(last))) }),
  }));
  const picked = await pick(items, {
    title: vscode.l10n.t('Recover from Off-Machine Copies'),
    placeHolder: vscode.l10n.t('The repository holds copies of several backup locations. Which one?'),
  });
  if (!picked) throw PhlbError.cancelled();
  return picked.id;
}
