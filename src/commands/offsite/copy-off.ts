import * as vscode from 'vscode';
import type { OffsiteCheckResult, OffsitePushResult } from '../../engine/offsite/model.js';
import type { Services } from '../../host/backup/services.js';
import { errorCount, snapshotCount } from '../../host/editor/count-text.js';
import { withProgress } from '../../host/editor/progress.js';
import type { OffsiteCopies } from '../../host/offsite/copies.js';
import type { RepositoryAccess } from '../../host/offsite/repository-access.js';
import { notSet, type RepositoryChoice } from './repository-choice.js';

/** Copy Off This Machine Now, Check Off-Machine Copies */
export class CopyOffCommands {
  constructor(
    private readonly services: Services,
    private readonly copies: OffsiteCopies,
    private readonly access: RepositoryAccess,
    private readonly choice: RepositoryChoice,
  ) {}

  /** @param ask whether a person is there, to be asked for what is missing and to be told what has come of it */
  async push(ask: boolean): Promise<OffsitePushResult | undefined> {
    const address = await this.address(ask);
    if (address === undefined) return undefined;
    const title = vscode.l10n.t('Copying off this machine');
    const result = await withProgress(title, this.services.dates, call =>
      this.copies.push(address, { newest: false, ask }, call),
    );
    if (ask) this.tellPushed(result);
    return result;
  }

  /** @param ask as for `push` */
  async check(ask: boolean): Promise<OffsiteCheckResult | undefined> {
    const address = await this.address(ask);
    if (address === undefined) return undefined;
    const title = vscode.l10n.t('Checking the copies off this machine');
    const result = await withProgress(title, this.services.dates, call => this.copies.check(address, ask, call));
    if (ask) this.tellChecked(result);
    return result;
  }

  private async address(ask: boolean): Promise<string | undefined> {
    const known = this.copies.repository;
    if (known === '' && !ask) throw notSet();
    const address = known === '' ? await this.choice.set() : known;
    if (address !== undefined && ask) await this.access.prepare(address);
    return address;
  }

  private tellPushed({ uploaded, errors, pending }: OffsitePushResult): void {
    const { messages, dates } = this.services;
    const count = snapshotCount(uploaded.length, dates);
    const sent = dates.size(uploaded.reduce((sum, { bytesAdded }) => sum + bytesAdded, 0));
    const [first] = errors;
    if (first !== undefined) {
      const why = `${first.path}: ${first.message}`;
      messages.warning(
        pending > 0
          ? vscode.l10n.t('Copied off this machine: {0}. Without a copy: {1}. {2}', count, dates.number(pending), why)
          : vscode.l10n.t('Copied off this machine: {0}, with {1}. {2}', count, errorCount(errors.length, dates), why),
        [{ title: vscode.l10n.t('Try Again'), run: () => this.push(true) }, messages.showLog],
      );
    } else if (uploaded.length === 0) {
      messages.info(vscode.l10n.t('Every snapshot has a copy off this machine already.'));
    } else {
      messages.info(vscode.l10n.t('Copied off this machine: {0}, {1} sent.', count, sent));
    }
  }

  private tellChecked({ copies, bytes, errors }: OffsiteCheckResult): void {
    const { messages, dates } = this.services;
    const count = snapshotCount(copies, dates);
    const [first] = errors;
    if (first !== undefined) {
      messages.warning(
        vscode.l10n.t(
          'The copies off this machine are damaged: {0}. {1}',
          errorCount(errors.length, dates),
          first.message,
        ),
      );
    } else if (bytes === null) {
      messages.info(vscode.l10n.t('The copies off this machine are whole: {0}.', count));
    } else {
      messages.info(vscode.l10n.t('The copies off this machine are whole: {0}, {1}.', count, dates.size(bytes)));
    }
  }
}
