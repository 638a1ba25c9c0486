/**
 * The only place that asks and tells the user something (lint sees to it). The editor makes links, which can run commands,
 * of what looks like one in messages, progress and prompts: whatever is said here is made plain first.
 */
import * as vscode from 'vscode';
import { plainLines, plainText } from './plain-text.js';

export type Severity = 'information' | 'warning' | 'error';

/** A message that does not wait for an answer. Resolves to the button that was pressed, if one was. */
export function showMessage(
  severity: Severity,
  text: string,
  buttons: readonly string[],
): Thenable<string | undefined> {
  const plain = plainText(text);
  switch (severity) {
    case 'information':
      return vscode.window.showInformationMessage(plain, ...buttons);
    case 'warning':
      return vscode.window.showWarningMessage(plain, ...buttons);
    case 'error':
      return vscode.window.showErrorMessage(plain, ...buttons);
  }
}

/**
 * A question that has to be answered before anything goes on. Resolves to what the button that was pressed stands for;
 * `undefined`: to none of them.
 * @param detail paragraphs; empty ones are left out
 */
export async function askModally<T>(
  question: string,
  detail: readonly string[],
  buttons: ReadonlyMap<string, T>,
): Promise<T | undefined> {
  const paragraphs = detail.filter(text => text !== '').map(plainLines);
  const choice = await vscode.window.showWarningMessage(
    plainText(question),
    { modal: true, detail: paragraphs.join('\n\n') },
    ...buttons.keys(),
  );
  return choice === undefined ? undefined : buttons.get(choice);
}

/** Like `askModally`, where there is one thing to do or leave. @param yes its button */
export async function confirm(question: string, detail: readonly string[], yes: string): Promise<boolean> {
  return (await askModally(question, detail, new Map([[yes, true]]))) ?? false;
}

export interface TextQuestion {
  title: string;
  prompt: string;
  value?: string;
  placeHolder?: string;
  /** what is typed is not shown, and the question stays when another window is looked at */
  password?: true;
  /** what is wrong with what has been typed so far; `undefined`: nothing */
  problem?: (text: string) => string | undefined;
}

/** Asks for a text; `undefined`: the user has thought better of it. */
export function askText({
  title,
  prompt,
  value,
  placeHolder,
  password,
  problem,
}: TextQuestion): Thenable<string | undefined> {
  return vscode.window.showInputBox({
    title: plainText(title),
    prompt: plainText(prompt),
    ...(value === undefined ? {} : { value }),
    ...(placeHolder === undefined ? {} : { placeHolder: plainText(placeHolder) }),
    ...(password === undefined ? {} : { password, ignoreFocusOut: true }),
    validateInput: text => {
      const said = problem?.(text);
      return said === undefined ? undefined : plainText(said);
    },
  });
}

/** Asks for one folder on a disk. @param openLabel the button's */
export async function askFolder(title: string, openLabel: string, start?: vscode.Uri): Promise<vscode.Uri | undefined> {
  const picked = await vscode.window.showOpenDialog({
    canSelectFiles: false,
    canSelectFolders: true,
    openLabel,
    title: plainText(title),
    ...(start === undefined ? {} : { defaultUri: start }),
  });
  return picked?.[0];
}

/** Runs `work` under a notification with a cancel button. `report` takes what it says, and by how many percent it is on. */
export function showProgress<T>(
  title: string,
  work: (report: (message: string, increment: number) => void, token: vscode.CancellationToken) => Promise<T>,
): Thenable<T> {
  const options = { location: vscode.ProgressLocation.Notification, title: plainText(title), cancellable: true };
  return vscode.window.withProgress(options, (display, token) =>
    work((text, increment) => {
      const message = plainText(text);
      display.report(increment > 0 ? { message, increment } : { message });
    }, token),
  );
}

/** Runs `work` under the moving line of a view. */
export function showProgressInView<T>(viewId: string, work: () => Promise<T>): Thenable<T> {
  return vscode.window.withProgress({ location: { viewId } }, work);
}
