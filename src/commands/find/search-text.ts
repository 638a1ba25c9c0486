import * as vscode from 'vscode';
import { View, type TextOptions, type TextSearchReply } from '../../contributions.js';
import { PhlbError } from '../../engine/words/errors.js';
import { errorText } from '../../host/editor/error-text.js';
import { askWithToggles, type Toggle } from '../../host/editor/toggle-box.js';
import { textOptionNames } from '../../host/catalog/text-options.js';
import type { TextQuery, TextSearch } from '../../host/catalog/text-search.js';

type Option = keyof TextOptions;

/** Search Text in Snapshots… and what goes with it; its view shows what is found. */
export class SearchTextCommands {
  /** of the last search, for the next one of this window */
  private last: { pattern: string; on: ReadonlySet<Option> } = { pattern: '', on: new Set() };

  constructor(private readonly search: TextSearch) {}

  /** @param pattern asked for when it is not given @param folder of today; default: all that there is */
  async run(
    pattern: string | undefined,
    folder: vscode.Uri | undefined,
    options: TextOptions = {},
  ): Promise<TextSearchReply | undefined> {
    const query = pattern === undefined ? await this.ask(folder) : { pattern, ...pickedOf(options) };
    if (query?.pattern === '') throw new PhlbError('usage', vscode.l10n.t('There is no text to look for.'));
    return query && this.show({ ...query, ...(folder ? { folder } : {}) });
  }

  /** The selection as it is written, in all snapshots; of several lines the first one that has something on it. */
  async selection(): Promise<TextSearchReply> {
    const pattern = selectedText()
      .split(/\r?\n/)
      .map(line => line.trim())
      .find(line => line !== '');
    if (pattern === undefined) {
      throw new PhlbError('usage', vscode.l10n.t('First select the text that you want to look for.'));
    }
    return this.show({ pattern, matchCase: true });
  }

  async cancel(): Promise<void> {
    this.search.cancel();
  }

  async clear(): Promise<void> {
    this.search.clear();
  }

  private async ask(folder: vscode.Uri | undefined): Promise<TextQuery | undefined> {
    const selected = selectedText();
    const answer = await askWithToggles<Option>({
      title: vscode.l10n.t('Search Text in Snapshots'),
      prompt: folder
        ? vscode.l10n.t('Looks through every version of every file in {0}.', vscode.workspace.asRelativePath(folder))
        : vscode.l10n.t('Looks through every version of every file.'),
      placeholder: vscode.l10n.t('Text on one line'),
      value: selected === '' || selected.includes('\n') ? this.last.pattern : selected,
      toggles: toggles(),
      on: this.last.on,
      problem: (pattern, on) => this.problem({ pattern, ...optionsOf(on) }),
    });
    if (!answer) return undefined;
    this.last = { pattern: answer.text, on: answer.on };
    return { pattern: answer.text, ...optionsOf(answer.on) };
  }

  private async problem(query: TextQuery): Promise<string | undefined> {
    if (query.pattern === '') return undefined;
    try {
      await this.search.check(query);
      return undefined;
    } catch (error) {
      return errorText(error);
    }
  }

  private async show(query: TextQuery): Promise<TextSearchReply> {
    const searching = this.search.run(query);
    const focusing = vscode.commands.executeCommand(`${View.search}.focus`);
    const [reply] = await Promise.all([searching, focusing]);
    return reply;
  }
}

function toggles(): Toggle<Option>[] {
  const names = textOptionNames();
  return [
    { key: 'matchCase', icon: 'case-sensitive', name: names.matchCase },
    { key: 'wholeWord', icon: 'whole-word', name: names.wholeWord },
    { key: 'regex', icon: 'regex', name: names.regex },
    { key: 'deletedOnly', icon: 'trash', name: names.deletedOnly },
  ];
}

// A link can give anything.
function pickedOf(options: TextOptions): TextOptions {
  return optionsOf(new Set(toggles().flatMap(({ key }) => (options[key] === true ? [key] : []))));
}

function optionsOf(on: ReadonlySet<Option>): TextOptions {
  return Object.fromEntries([...on].map(key => [key, true]));
}

function selectedText(): string {
  const editor = vscode.window.activeTextEditor;
  return editor ? editor.document.getText(editor.selection) : '';
}
