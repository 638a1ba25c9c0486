import * as vscode from 'vscode';
import { shownAddress } from '../../engine/offsite/address.js';
import type { OffsiteRecoverResult } from '../../engine/offsite/model.js';
import type { Services } from '../../host/backup/services.js';
import { errorCount, snapshotCount } from '../../host/editor/count-text.js';
import { confirm } from '../../host/editor/dialogs.js';
import { homePath } from '../../host/editor/home-path.js';
import { withProgress } from '../../host/editor/progress.js';
import type { OffsiteCopies } from '../../host/offsite/copies.js';
import type { RepositoryAccess } from '../../host/offsite/repository-access.js';
import { chooseStore } from './store-choice.js';
import { notSet, type RepositoryChoice } from './repository-choice.js';

/** Recover from Off-Machine Copies…: what a repository holds comes back into the backup location. */
export class RecoverCommand {
  constructor(
    private readonly services: Services,
    private readonly copies: OffsiteCopies,
    private readonly access: RepositoryAccess,
    private readonly choice: RepositoryChoice,
  ) {}

  /**
   * @param repository asked for when it is not given
   * @param ask whether a person is there: to say what will happen and confirm, and to be told what has come of it
   */
  async run(repository: string | undefined, ask: boolean): Promise<OffsiteRecoverResult | undefined> {
    const given = repository ?? (ask ? undefined : this.copies.repository);
    const address = given ?? (await this.choice.find(this.copies.repository));
    if (address === undefined) return undefined;
    if (address === '') throw notSet();
    if (ask) {
      await this.access.prepare(address);
      if (!(await this.confirm(address))) return undefined;
    }
    const store = ask ? await this.storeOf(address) : undefined;
    const title = vscode.l10n.t('Recovering snapshots');
    const result = await withProgress(title, this.services.dates, call =>
      this.copies.recover(address, { ask, ...(store === undefined ? {} : { store }) }, call),
    );
    if (ask) this.tell(result);
    return result;
  }

  private async confirm(address: string): Promise<boolean> {
    const location = homePath(this.services.configuration.location().root);
    return confirm(
      vscode.l10n.t('Recover snapshots into {0}?', location),
      [
        vscode.l10n.t(
          'All snapshots of which {0} holds a copy come back into this backup location, as they were. Nothing that is there is overwritten: what stands there already is passed over.',
          homePath(shownAddress(address)),
        ),
        vscode.l10n.t(
          'It may take long. If it is cancelled, what has come stays, and the next time goes on from there.',
        ),
      ],
      vscode.l10n.t('Recover'),
    );
  }

  private async storeOf(address: string): Promise<string | undefined> {
    const { dates } = this.services;
    const title = vscode.l10n.t('Asking the repository');
    return chooseStore(await withProgress(title, dates, call => this.copies.stores(address, call)), dates);
  }

  private tell({ snapshots, skipped, fetchedBytes, errors }: OffsiteRecoverResult): void {
    const { messages, dates } = this.services;
    const count = snapshotCount(snapshots, dates);
    const fetched = dates.size(fetchedBytes);
    const [first] = errors;
    if (first !== undefined) {
      const why = `${first.path}: ${first.message}`;
      messages.warning(vscode.l10n.t('Recovered: {0}, with {1}. {2}', count, errorCount(errors.length, dates), why));
    } else if (snapshots === 0) {
      messages.info(vscode.l10n.t('Nothing to recover: every snapshot of which there is a copy is here.'));
    } else if (skipped > 0) {
      messages.info(
        vscode.l10n.t('Recovered: {0}, {1} fetched. Here already: {2}.', count, fetched, dates.number(skipped)),
      );
    } else {
      messages.info(vscode.l10n.t('Recovered: {0}, {1} fetched.', count, fetched));
    }
  }
}
