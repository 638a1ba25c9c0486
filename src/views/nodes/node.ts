import type { TreeItem } from 'vscode';

/** One line of the Snapshots tree. Children are asked for when the line is opened, not before. */
export abstract class Node {
  abstract getTreeItem(): TreeItem;

  getChildren(): Node[] | Promise<Node[]> {
    return [];
  }
}
