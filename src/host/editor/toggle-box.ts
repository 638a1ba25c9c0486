/**
 * The only place that shows an input box with buttons (lint sees to it): whatever is said in it is made plain first. In VS
 * Code 1.103 its buttons cannot look pressed, so title and prompt say what is on.
 */
import * as vscode from 'vscode';
import { Disposables } from './disposables.js';
import { plainText } from './plain-text.js';

export interface Toggle<K extends string> {
  key: K;
  /** of the editor's */
  icon: string;
  /** what it is called, `Match Case` */
  name: string;
}

export interface ToggleQuestion<K extends string> {
  title: string;
  prompt: string;
  placeholder: string;
  value: string;
  toggles: readonly Toggle<K>[];
  on: ReadonlySet<K>;
  /** what is wrong with what is typed, asked for as one types; `undefined`: nothing */
  problem(text: string, on: ReadonlySet<K>): Promise<string | undefined>;
}

export interface ToggleAnswer<K extends string> {
  text: string;
  on: ReadonlySet<K>;
}

const DEBOUNCE_MS = 250;

/** Asks for a text; `undefined`: the user has thought better of it. What has a problem is not taken. */
export function askWithToggles<K extends string>(question: ToggleQuestion<K>): Promise<ToggleAnswer<K> | undefined> {
  const { toggles, problem, value } = question;
  const disposables = new Disposables();
  const box = disposables.add(vscode.window.createInputBox());
  const on = new Set(question.on);
  let timer: NodeJS.Timeout | undefined;
  let checks = 0;
  const describe = (): void => {
    const names = toggles.filter(({ key }) => on.has(key)).map(({ name }) => name);
    box.title = plainText([question.title, ...names].join(' · '));
    box.buttons = toggles.map(({ key, icon, name }) => ({
      iconPath: new vscode.ThemeIcon(icon),
      tooltip: on.has(key) ? vscode.l10n.t('{0} (on)', name) : vscode.l10n.t('{0} (off)', name),
    }));
  };
  // Of several checks the last one counts: `undefined` is said by none that is older.
  const check = async (): Promise<boolean> => {
    const number = ++checks;
    const said = await problem(box.value, on);
    if (number !== checks) return false;
    box.validationMessage = said === undefined ? undefined : plainText(said);
    return said === undefined;
  };
  const checkSoon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void check(), DEBOUNCE_MS);
  };
  box.prompt = plainText(question.prompt);
  box.placeholder = plainText(question.placeholder);
  box.value = value;
  describe();
  return new Promise(resolve => {
    const accept = async (): Promise<void> => {
      clearTimeout(timer);
      const text = box.value;
      if (text === '' || !(await check())) return;
      resolve({ text, on });
      box.hide();
    };
    disposables.add(box.onDidAccept(() => void accept()));
    disposables.add(box.onDidChangeValue(checkSoon));
    disposables.add(
      box.onDidTriggerButton(button => {
        const toggle = toggles[box.buttons.indexOf(button)];
        if (!toggle) return;
        if (!on.delete(toggle.key)) on.add(toggle.key);
        describe();
        checkSoon();
      }),
    );
    disposables.add(
      box.onDidHide(() => {
        clearTimeout(timer);
        checks++;
        resolve(undefined);
        disposables.dispose();
      }),
    );
    box.show();
  });
}
