import * as vscode from 'vscode';
import { Command, NodeKind, type SnapshotItem } from '../../contributions.js';
import { basename } from '../../engine/words/names.js';
import { markDescription, markedUri, markText, shownMark } from '../change-marks.js';
import type { LsEntry } from '../../engine/words/model.js';
import type { DateFormat } from '../../host/editor/dates.js';
import { placeOf, treeItem } from '../shown.js';
import { Node } from './node.js';
import type { SnapshotPath } from './open-snapshot.js';

/** A file, or a link, in a snapshot. A click opens it; one that has changed, beside what it was in the snapshot before. */
export class FileNode extends Node implements SnapshotItem {
  readonly uri: vscode.Uri;

  constructor(
    private readonly at: SnapshotPath,
    private readonly isLink: boolean,
  ) {
    super();
    this.uri = at.in.address(at.path);
  }

  override getTreeItem(): vscode.TreeItem {
    const name = basename(this.at.path);
    const change = this.at.in.changes?.find(this.at.path);
    const words = (change && markText(change)) ?? '';
    const item = treeItem(
      {
        label: name,
        description: (change && markDescription(change)) ?? '',
        spoken: [this.isLink ? vscode.l10n.t('{0}, symbolic link', name) : name, words],
      },
      vscode.TreeItemCollapsibleState.None,
    );
    item.id = this.uri.toString();
    item.contextValue = NodeKind.file;
    item.resourceUri = markedUri(this.uri, change && shownMark(change));
    item.iconPath = this.isLink ? new vscode.ThemeIcon('file-symlink-file') : vscode.ThemeIcon.File;
    const hasOlder = change?.mark === 'modified' || change?.mark === 'moved';
    item.command = hasOlder
      ? {
          command: Command.compareWithPrevious,
          title: vscode.l10n.t('Compare with Previous Snapshot'),
          arguments: [this],
        }
      : { command: Command.openFile, title: vscode.l10n.t('Open Snapshot File'), arguments: [this] };
    return item;
  }

  // Of the manifest: a stored file has the time of whichever version brought its content first.
  override async findTooltip(signal: AbortSignal): Promise<readonly string[]> {
    const { path, in: open } = this.at;
    const { dates } = open.services;
    const change = open.changes?.find(path);
    const entry = await open.services.entryOf(open.snapshot.id, path, signal);
    return [
      entry ? facts(entry, dates) : '',
      entry ? vscode.l10n.t('Modified {0}', dates.long(new Date(entry.mtime))) : '',
      (change && markText(change)) ?? '',
      placeOf(path),
    ];
  }
}

function facts({ type, size, target }: LsEntry, dates: DateFormat): string {
  return type === 'link' ? vscode.l10n.t('Symbolic link to {0}', target ?? '') : dates.size(size);
}
