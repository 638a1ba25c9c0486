import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { Command } from '../../contributions.js';
import type { FindResult } from '../../engine/find.js';
import { pick, type PickItem } from '../../host/editor/pick-list.js';
import type { Services } from '../../host/backup/services.js';
import { FindPick, type FoundFile } from './find-pick.js';
import { findTodaysFile, targetName } from '../snapshots/targets.js';

// A walkthrough takes the focus back after its button was pressed, which would close the list.
const FOCUS_SETTLES_MS = 600;

interface NextStep extends PickItem {
  run(): PromiseLike<unknown>;
}

/** Find File in Snapshots… */
export class FindFileCommand {
  constructor(private readonly services: Services) {}

  /** @param glob asked for, as it is typed, when it is not given */
  async run(glob?: string): Promise<FindResult | undefined> {
    const { reader, configuration } = this.services;
    if (typeof glob === 'string') return reader.call('find', { location: configuration.location(), glob });
    if (isWalkthroughActive()) await sleep(FOCUS_SETTLES_MS);
    const choice = await new FindPick(this.services).choose();
    if (!choice) return undefined;
    const steps = nextSteps(choice.file);
    const step =
      choice.wants === 'ask'
        ? await pick(steps, { title: targetName(choice.file), placeHolder: choice.file.when })
        : steps.find(({ command }) => command === choice.wants);
    await step?.run();
    return choice.result;
  }
}

/** What can be done with a found file, the most likely first. */
function nextSteps(file: FoundFile): (NextStep & { command: string })[] {
  const { uri, isFolder, deleted, source } = file;
  // A node's like, so that it counts as asked by a person.
  const item = { uri };
  const step = (command: string, icon: string, label: string, ...args: unknown[]): NextStep & { command: string } => ({
    command,
    icon,
    label,
    run: () => vscode.commands.executeCommand(command, ...(args.length > 0 ? args : [item])),
  });
  const today = findTodaysFile(file);
  const versions =
    today && !isFolder
      ? [step(Command.compareFileWithSnapshot, 'versions', vscode.l10n.t('Show All Versions'), today, {})]
      : [];
  const restoreTo = step(Command.restoreTo, 'folder-opened', vscode.l10n.t('Restore To…'));
  const restore = source.local ? [step(Command.restore, 'discard', vscode.l10n.t('Restore…')), restoreTo] : [restoreTo];
  if (isFolder)
    return [
      ...restore,
      ...(source.local ? [step(Command.showChanges, 'diff-multiple', vscode.l10n.t('Show Changes Since Then'))] : []),
    ];
  const open = step(Command.openFile, 'go-to-file', vscode.l10n.t('Open the Newest Version'));
  if (deleted) return [...restore, open, ...versions];
  const compare = step(Command.compareWithCurrent, 'git-compare', vscode.l10n.t('Compare with Current File'));
  return [open, compare, ...versions, ...restore];
}

// It is a tab of no kind that extensions know.
function isWalkthroughActive(): boolean {
  const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
  return tab !== undefined && tab.input === undefined;
}
