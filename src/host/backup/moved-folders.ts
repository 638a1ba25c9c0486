import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { PhlbError } from '../../engine/words/errors.js';
import type { SourceInfo } from '../../engine/words/model.js';
import type { Catalog } from '../catalog/catalog.js';
import { movedSource, newestWhole } from '../catalog/moved-source.js';
import { snapshotCount } from '../editor/count-text.js';
import type { DateFormat } from '../editor/dates.js';
import { askModally, showMessage } from '../editor/dialogs.js';
import { homePath } from '../editor/home-path.js';

/** Names of sources whose histories go on in other folders, by those folders' paths. */
export type Adoptions = ReadonlyMap<string, string>;

/** A project that was moved is offered its old history before its first backup at the new place; else it begins anew. */
export class MovedFolders {
  constructor(
    private readonly catalog: Catalog,
    private readonly dates: DateFormat,
  ) {}

  /** For a backup that somebody waits for. `undefined`: they have thought better of it. */
  async ask(folders: readonly vscode.Uri[]): Promise<Adoptions | undefined> {
    const adoptions = new Map<string, string>();
    for (const [folder, source] of await this.find(folders)) {
      const { question, detail } = this.words(folder, source);
      const answers = new Map([
        [GO_ON(), true],
        [ANEW(), false],
      ]);
      const goesOn = await askModally(question, [detail], answers);
      if (goesOn === undefined) return undefined;
      if (goesOn) adoptions.set(folder, source.name);
    }
    return adoptions;
  }

  /**
   * For a backup by itself: nobody may be there.
   * @param patienceMs after that it begins anew
   * @param later is told of a yes that comes after that
   */
  async askBeside(
    folders: readonly vscode.Uri[],
    patienceMs: number,
    later: (adoptions: Adoptions) => void,
  ): Promise<Adoptions> {
    const adoptions = new Map<string, string>();
    const late = Symbol();
    for (const [folder, source] of await this.find(folders)) {
      const { question, detail } = this.words(folder, source);
      const asked = Promise.resolve(showMessage('information', `${detail} ${question}`, [GO_ON(), ANEW()]));
      const answer = await Promise.race([asked, sleep(patienceMs, late, { ref: false })]);
      if (answer === GO_ON()) adoptions.set(folder, source.name);
      if (answer === late) void asked.then(said => said === GO_ON() && later(new Map([[folder, source.name]])));
    }
    return adoptions;
  }

  // A location that cannot be listed is the backup's to tell of.
  private async find(folders: readonly vscode.Uri[]): Promise<Map<string, SourceInfo>> {
    const found = new Map<string, SourceInfo>();
    try {
      const { sources } = await this.catalog.list();
      for (const { fsPath } of folders) {
        const source = await movedSource(fsPath, sources);
        if (source) found.set(fsPath, source);
      }
    } catch (error) {
      if (!PhlbError.is(error)) throw error;
    }
    return found;
  }

  private words(folder: string, source: SourceInfo): { question: string; detail: string } {
    const { dates } = this;
    const regular = source.snapshots.filter(({ kind }) => kind === 'snapshot').length;
    const newest = newestWhole(source);
    const since = newest === undefined ? '' : dates.short(new Date(newest.startedAt));
    return {
      question: vscode.l10n.t('Go on with the history of {0}?', source.name),
      detail: vscode.l10n.t(
        '{0} looks like {1}, which is no longer there. That has {2}, the newest of {3}.',
        homePath(folder),
        homePath(source.source),
        snapshotCount(regular, dates),
        since,
      ),
    };
  }
}

const GO_ON = (): string => vscode.l10n.t('Go On with It');
const ANEW = (): string => vscode.l10n.t('Start Anew');
