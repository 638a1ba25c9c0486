import type { TreeItem } from 'vscode';

/** One line of the Snapshots tree. Children are asked for when the line is opened, not before. */
export abstract class Node {
  abstract getTreeItem(): TreeItem;

  /**
   * What it says when the pointer rests on it, where that has to be looked up first: the item must have no tooltip then.
   * @returns lines; empty ones are left out
   */
  findTooltip?(signal: AbortSignal): Promise<readonly string[]>;

  getChildren(): Node[] | Promise<Node[]> {
    return [];
  }
}
