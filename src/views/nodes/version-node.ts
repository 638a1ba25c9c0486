import * as vscode from 'vscode';
import { Command, NodeKind, type SnapshotItem } from '../../contributions.js';
import { basename } from '../../engine/words/names.js';
import type { FileVersion } from '../../engine/versions.js';
import type { SnapshotInfo } from '../../engine/words/model.js';
import { movedFrom } from '../../host/catalog/change-tree.js';
import type { DateFormat } from '../../host/editor/dates.js';
import { plainText } from '../../host/editor/plain-text.js';
import { treeItem } from '../shown.js';

/** One content of a file: since when, how large, and what the file was called then. */
export class VersionNode implements SnapshotItem {
  /**
   * @param uri its address in the oldest snapshot that holds it
   * @param path of the file today, relative to the source
   * @param older the version before it, if there is one
   */
  constructor(
    readonly uri: vscode.Uri,
    private readonly version: FileVersion,
    private readonly snapshot: SnapshotInfo,
    private readonly path: string,
    private readonly older: VersionNode | undefined,
    private readonly dates: DateFormat,
  ) {}

  getTreeItem(): vscode.TreeItem {
    const time = this.dates.short(new Date(this.snapshot.startedAt));
    const facts = this.facts();
    const item = treeItem(
      { label: time, description: facts.join(' · '), tooltip: this.tooltip(), spoken: [time, ...facts] },
      vscode.TreeItemCollapsibleState.None,
    );
    item.id = this.uri.toString();
    item.contextValue = NodeKind.version;
    item.iconPath = new vscode.ThemeIcon('history');
    item.command = this.command();
    return item;
  }

  private facts(): string[] {
    const { path, size } = this.version;
    const facts = [this.dates.size(size)];
    if (path !== this.path) facts.push(vscode.l10n.t('as {0}', movedFrom(this.path, path)));
    if (this.snapshot.label !== null) facts.push(this.snapshot.label);
    return facts;
  }

  private tooltip(): string[] {
    const { snapshot, version, dates } = this;
    return [
      dates.long(new Date(snapshot.startedAt)),
      version.path,
      vscode.l10n.t('Modified {0}', dates.long(new Date(version.mtime))),
    ];
  }

  private command(): vscode.Command {
    const { older } = this;
    if (!older) {
      return { command: Command.openFile, title: vscode.l10n.t('Open Snapshot File'), arguments: [this] };
    }
    const title = `${older.title} ↔ ${this.title}`;
    return {
      command: 'vscode.diff',
      title: vscode.l10n.t('Compare with the Previous Version'),
      arguments: [older.uri, this.uri, title, { preview: true }],
    };
  }

  // `report.md (Today 21:40)`
  private get title(): string {
    const time = this.dates.short(new Date(this.snapshot.startedAt));
    return `${plainText(basename(this.version.path))} (${time})`;
  }
}
