import * as vscode from 'vscode';
import { Command, NodeKind, type SnapshotItem } from '../../contributions.js';
import type { FileVersion } from '../../engine/versions.js';
import { movedFrom } from '../../host/catalog/change-tree.js';
import { comparedAddress } from '../../host/catalog/past-image.js';
import type { PastVersion } from '../../host/catalog/past-versions.js';
import { versionLines } from '../../host/catalog/version-lines.js';
import type { DateFormat } from '../../host/editor/dates.js';
import { pastTitle } from '../../host/editor/past-title.js';
import { treeItem } from '../shown.js';

/** One content of a file: since when, how large, and what the file was called then. */
export class VersionNode implements SnapshotItem {
  /** its address in the oldest snapshot that holds it */
  readonly uri: vscode.Uri;

  /**
   * @param path of the file today, relative to the source
   * @param older the version before it, if there is one
   */
  constructor(
    private readonly past: PastVersion,
    private readonly path: string,
    private readonly older: VersionNode | undefined,
    private readonly dates: DateFormat,
  ) {
    this.uri = past.uri;
  }

  get version(): FileVersion {
    return this.past.version;
  }

  // `report.md (Today 21:40)`
  get title(): string {
    return pastTitle(this.past.version.path, this.past.snapshot.startedAt, this.dates);
  }

  /** Its address for one side of a comparison. */
  get side(): vscode.Uri {
    return comparedAddress(this.uri, this.past.snapshot.startedAt, this.dates);
  }

  /** Without a tooltip, which `tooltip` finds out when somebody wants to see it. */
  getTreeItem(): vscode.TreeItem {
    const time = this.dates.short(new Date(this.past.snapshot.startedAt));
    const facts = this.facts();
    const item = treeItem(
      { label: time, description: facts.join(' · '), spoken: [time, ...facts] },
      vscode.TreeItemCollapsibleState.None,
    );
    item.id = this.uri.toString();
    item.contextValue = NodeKind.version;
    item.iconPath = new vscode.ThemeIcon('history');
    item.command = this.command();
    return item;
  }

  /** Its lines. Reads the version and the one before it; rejects when they cannot be read. */
  async tooltip(isCancelled: () => boolean): Promise<string[]> {
    const { snapshot, version } = this.past;
    const { dates } = this;
    return [
      dates.long(new Date(snapshot.startedAt)),
      version.path,
      vscode.l10n.t('Modified {0}', dates.long(new Date(version.mtime))),
      dates.size(version.size),
      await this.difference(isCancelled),
      snapshot.label === null ? '' : vscode.l10n.t('Label: {0}', snapshot.label),
    ];
  }

  private async difference(isCancelled: () => boolean): Promise<string> {
    if (!this.older) return vscode.l10n.t('The oldest version');
    if (this.older.past.version.sha256 === this.past.version.sha256) {
      return vscode.l10n.t('The same content as the version before it');
    }
    const lines = await versionLines(this.older.past, this.past, isCancelled);
    if (!lines) return '';
    const { added, removed } = lines;
    return vscode.l10n.t('Lines: {0} added, {1} removed', this.dates.number(added), this.dates.number(removed));
  }

  private facts(): string[] {
    const { version, snapshot } = this.past;
    const facts = [this.dates.size(version.size)];
    if (version.path !== this.path) facts.push(vscode.l10n.t('as {0}', movedFrom(this.path, version.path)));
    if (snapshot.label !== null) facts.push(snapshot.label);
    return facts;
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
      arguments: [older.side, this.side, title, { preview: true }],
    };
  }
}
