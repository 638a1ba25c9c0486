/**
 * The only place that shows lists to choose from (lint sees to it). The editor draws an icon for each `$(name)` in them:
 * those of names are made plain first, the icon of an entry is said apart from its text.
 */
import * as vscode from 'vscode';
import { plainText } from './plain-text.js';

export interface PickItem extends vscode.QuickPickItem {
  /** of the editor's icons, `trash`, before the label */
  icon?: string;
}

export interface PickOptions {
  title: string;
  placeHolder?: string;
}

/** Lets the user choose one; `undefined`: none. */
export async function pick<T extends PickItem>(
  items: readonly T[] | Promise<readonly T[]>,
  { title, placeHolder }: PickOptions,
): Promise<T | undefined> {
  const shown = Promise.resolve(items).then(all => all.map(plainItem));
  return vscode.window.showQuickPick(shown, {
    title: plainText(title),
    ...(placeHolder === undefined ? {} : { placeHolder: plainText(placeHolder) }),
    matchOnDescription: true,
    matchOnDetail: true,
  });
}

/** A list whose entries change while it is shown. What is not written here is read from `list`. */
export class PickList<T extends PickItem> implements vscode.Disposable {
  private readonly raw = vscode.window.createQuickPick<T>();
  readonly list: Readonly<Omit<vscode.QuickPick<T>, 'items' | 'title' | 'placeholder' | 'busy'>> = this.raw;

  constructor(
    settings: Partial<Pick<vscode.QuickPick<T>, 'matchOnDescription' | 'ignoreFocusOut' | 'canSelectMany'>> = {},
  ) {
    Object.assign(this.raw, settings);
  }

  set title(text: string) {
    this.raw.title = plainText(text);
  }

  set placeholder(text: string) {
    this.raw.placeholder = plainText(text);
  }

  set items(items: readonly T[]) {
    this.raw.items = items.map(plainItem);
  }

  /** Of a list in which several can be chosen. */
  tickAll(): void {
    this.raw.selectedItems = this.raw.items.filter(({ kind }) => kind !== vscode.QuickPickItemKind.Separator);
  }

  set buttons(buttons: readonly vscode.QuickInputButton[]) {
    this.raw.buttons = buttons;
  }

  set busy(busy: boolean) {
    this.raw.busy = busy;
  }

  dispose(): void {
    this.raw.dispose();
  }
}

function plainItem<T extends PickItem>(item: T): T {
  const { icon, label, description, detail } = item;
  return {
    ...item,
    label: icon === undefined ? plainText(label) : `$(${icon}) ${plainText(label)}`,
    ...(description === undefined ? {} : { description: plainText(description) }),
    ...(detail === undefined ? {} : { detail: plainText(detail) }),
  };
}
