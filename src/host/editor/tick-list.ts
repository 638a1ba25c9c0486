import type * as vscode from 'vscode';
import { PickList, type PickItem } from './pick-list.js';

export interface TickList<T extends PickItem> {
  title: string;
  placeholder: string;
  items: readonly T[];
  /** all of them are ticked to begin with */
  ticked?: boolean;
  /** an entry's button was pressed; the list stays */
  onButton: (item: T) => Promise<unknown>;
  /** told of what goes wrong with that */
  onFailure: (error: unknown) => void;
}

/** Lets the user tick some of a list. `undefined`: the user has thought better of it, or ticked none. */
export async function tick<T extends PickItem>(given: TickList<T>): Promise<T[] | undefined> {
  // It stays while an editor that a button has opened is looked at.
  const pick = new PickList<T>({ canSelectMany: true, matchOnDescription: true, ignoreFocusOut: true });
  try {
    return await ask(pick, given);
  } finally {
    pick.dispose();
  }
}

function ask<T extends PickItem>(pick: PickList<T>, given: TickList<T>): Promise<T[] | undefined> {
  const { list } = pick;
  pick.title = given.title;
  pick.placeholder = given.placeholder;
  pick.items = given.items;
  if (given.ticked) pick.tickAll();
  return new Promise(resolve => {
    const listeners: vscode.Disposable[] = [
      list.onDidAccept(() => resolve(list.selectedItems.length > 0 ? [...list.selectedItems] : undefined)),
      list.onDidTriggerItemButton(({ item }) => void given.onButton(item).catch(given.onFailure)),
      list.onDidHide(() => {
        resolve(undefined);
        for (const listener of listeners) listener.dispose();
      }),
    ];
    list.show();
  });
}
