import * as vscode from 'vscode';
import { PhlbError } from '../../engine/words/errors.js';
import { pick } from '../../host/editor/pick-list.js';
import { storesNamed } from '../../host/offsite/repository-trouble.js';

/**
 * Where a repository holds copies of several backup locations: asks of which. `undefined`: it is about something else.
 * @throws PhlbError `cancelled`
 */
export async function chooseStore(error: unknown): Promise<string | undefined> {
  const stores = storesNamed(error);
  if (stores.length === 0) return undefined;
  const picked = await pick(
    stores.map(({ id, sources }) => ({ label: sources, description: id, id })),
    {
      title: vscode.l10n.t('Recover from Off-Machine Copies'),
      placeHolder: vscode.l10n.t('The repository holds copies of several backup locations. Which one?'),
    },
  );
  if (!picked) throw PhlbError.cancelled();
  return picked.id;
}
