import * as vscode from 'vscode';
import type { SnapshotArgument } from '../../contributions.js';
import { PhlbError } from '../../engine/words/errors.js';
import type { UndoTurnRequest } from '../../engine/restore/undo-turn.js';
import type { RestoreResult } from '../../engine/words/model.js';
import { agentTurns, changedFilesOf, turnTime, type AgentTurn } from '../../host/catalog/agent-turns.js';
import { askModally } from '../../host/editor/dialogs.js';
import { saveEditors, unsavedFiles } from '../../host/editor/dirty-editors.js';
import { pick, type PickItem } from '../../host/editor/pick-list.js';
import { withProgress } from '../../host/editor/progress.js';
import type { Services } from '../../host/backup/services.js';
import type { ChangesCommands } from '../compare/changes.js';
import { resolveTarget } from '../snapshots/targets.js';
import { dirtyIn, isIdle, leftText, listing, listingOfErrors, unsavedText } from './restore-preview.js';
import type { RestoreReport, Undo } from './restore-report.js';

type Answer = 'undo' | 'save' | 'discard' | 'show';

interface TurnItem extends PickItem {
  turn: AgentTurn;
}

/** Take Back an Agent's Changes…: what one of its turns has changed, and nobody since. */
export class UndoTurnCommand {
  constructor(
    private readonly services: Services,
    private readonly undo: Undo,
    private readonly report: RestoreReport,
    private readonly changes: ChangesCommands,
  ) {}

  /**
   * @param what id of a turn, or a snapshot that holds changes of one; asked for when it is not given
   * @param ask whether to show what will be done and confirm
   */
  async run(what: SnapshotArgument | undefined, ask: boolean): Promise<RestoreResult | undefined> {
    const { sources } = await this.services.catalog.listAgain();
    const turns = agentTurns(sources);
    if (turns.length === 0 && ask) {
      this.services.messages.info(vscode.l10n.t('No snapshot tells of changes by an agent.'));
      return undefined;
    }
    const turn = what === undefined ? await this.choose(turns) : await this.find(what, turns);
    if (!turn) return undefined;
    return ask ? this.askFirst(turn) : this.takeBack(turn);
  }

  private async choose(turns: readonly AgentTurn[]): Promise<AgentTurn | undefined> {
    const { dates } = this.services;
    const toItem = (turn: AgentTurn): TurnItem => {
      const changed = changedFilesOf(turn);
      const facts = [
        turnTime(turn, dates),
        ...(changed === undefined ? [] : [vscode.l10n.t('{0} changed', dates.number(changed))]),
        turn.source.name,
      ];
      return { label: turn.agent, description: facts.join(' · '), iconPath: new vscode.ThemeIcon('sparkle'), turn };
    };
    const picked = await pick(turns.map(toItem), {
      title: vscode.l10n.t('Take Back Changes of an Agent'),
      placeHolder: vscode.l10n.t('What an agent did on one request'),
    });
    return picked?.turn;
  }

  private async find(what: SnapshotArgument, turns: readonly AgentTurn[]): Promise<AgentTurn> {
    const named = turns.find(({ id }) => id === what);
    if (named) return named;
    const { snapshot } = (await resolveTarget(this.services.catalog, what)).found;
    const own = snapshot.turns.filter(({ part }) => part === 'after').map(({ id }) => id);
    const held = turns.find(({ id }) => own.includes(id));
    if (held) return held;
    throw new PhlbError('notFound', vscode.l10n.t('This snapshot holds no changes by an agent.'), {
      path: snapshot.id,
    });
  }

  private async askFirst(turn: AgentTurn): Promise<RestoreResult | undefined> {
    const { reader, messages, dates } = this.services;
    const preview = await withProgress(vscode.l10n.t('Checking what would change'), dates, call =>
      reader.call('undoTurn', { ...this.request(turn), dryRun: true }, call),
    );
    if (isIdle(preview) && preview.errors.length === 0) {
      const text = vscode.l10n.t('Nothing is left to take back of what {0} changed.', turn.agent);
      messages.info(preview.left.length === 0 ? text : `${text} ${leftText(preview, dates)}`);
      return preview;
    }
    const dirty = dirtyIn(turn.source, preview);
    const answer = await this.confirm(turn, preview, dirty);
    if (answer === undefined) return undefined;
    if (answer === 'show') {
      await this.show(turn);
      return undefined;
    }
    if (answer === 'save') await saveEditors(dirty);
    const takeBack = (): Promise<RestoreResult> => this.takeBack(turn);
    return answer === 'discard' ? this.report.discarding(dirty, turn.source.source, takeBack) : takeBack();
  }

  // What was to be decided is asked again once it has been looked at.
  private async show(turn: AgentTurn): Promise<void> {
    const { dates, messages } = this.services;
    await this.changes.ofTurn(turn);
    messages.info(vscode.l10n.t('This is what {0} changed ({1}).', turn.agent, turnTime(turn, dates)), [
      { title: vscode.l10n.t('Take Back…'), run: async () => void (await this.askFirst(turn)) },
    ]);
  }

  private confirm(turn: AgentTurn, preview: RestoreResult, dirty: readonly vscode.Uri[]): Promise<Answer | undefined> {
    const { dates } = this.services;
    const { overwritten, created, deleted, errors, left, notes } = preview;
    const list = (paths: { path: string }[]): string => listing(paths, '', dates);
    const facts: string[] = [];
    if (overwritten.length > 0) {
      facts.push(vscode.l10n.t('Set back to what it was before: {0}', list(overwritten)));
    }
    if (created.length > 0) facts.push(vscode.l10n.t('Put back: {0}', list(created)));
    if (deleted.length > 0) facts.push(vscode.l10n.t('Removed again: {0}', list(deleted)));
    if (errors.length > 0) facts.push(vscode.l10n.t('Stays as it is: {0}', listingOfErrors(errors, '', dates)));
    const detail = [
      facts.join('\n'),
      left.length > 0 ? leftText(preview, dates) : '',
      notes.join('\n'),
      vscode.l10n.t('A safety snapshot of what is there now is taken first, so this can be undone as well.'),
      dirty.length > 0 ? unsavedText(dirty) : '',
    ];
    const buttons = new Map<string, Answer>(
      dirty.length > 0
        ? [
            [vscode.l10n.t('Save and Take Back'), 'save'],
            [vscode.l10n.t('Discard Changes and Take Back'), 'discard'],
          ]
        : [[vscode.l10n.t('Take Back'), 'undo']],
    );
    buttons.set(vscode.l10n.t('Show Changes'), 'show');
    const when = turnTime(turn, dates);
    return askModally(vscode.l10n.t('Take back what {0} changed ({1})?', turn.agent, when), detail, buttons);
  }

  private async takeBack(turn: AgentTurn): Promise<RestoreResult> {
    const { engine, catalog, dates } = this.services;
    try {
      const result = await withProgress(vscode.l10n.t('Taking back'), dates, call =>
        engine.call('undoTurn', { ...this.request(turn), unsaved: unsavedFiles() }, call),
      );
      const name = vscode.l10n.t('what {0} changed', turn.agent);
      this.report.turnTakenBack(name, result, this.undo);
      this.report.dirtyAgain(turn.source.source, result);
      return result;
    } finally {
      catalog.invalidate();
    }
  }

  private request({ id, source }: AgentTurn): UndoTurnRequest {
    return { location: this.services.configuration.location(), turn: id, name: source.name };
  }
}
