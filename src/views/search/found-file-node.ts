import * as vscode from 'vscode';
import { NodeKind, type SnapshotItem } from '../../contributions.js';
import { basename, dirname } from '../../engine/words/names.js';
import type { FoundFile, FoundVersion } from '../../host/catalog/found-text.js';
import { isGoneToday } from '../../host/catalog/gone-today.js';
import type { ShownSearch, TextSearch } from '../../host/catalog/text-search.js';
import type { DateFormat } from '../../host/editor/dates.js';
import { markedUri } from '../change-marks.js';
import { Node } from '../nodes/node.js';
import { treeItem } from '../shown.js';
import { joined, lostText, matchCount, spanText } from './found-facts.js';
import { foundLines, FoundVersionNode } from './found-version-node.js';

/** A version whose snapshots still stand. */
interface AtHand {
  version: FoundVersion;
  uri: vscode.Uri;
}

/** A file in which something was found: opens to its versions, or to the lines of the only one. */
export class FoundFileNode extends Node implements SnapshotItem {
  private readonly id: string;

  /** @param versions at least one, the newest first */
  private constructor(
    private readonly shown: ShownSearch,
    private readonly file: FoundFile,
    private readonly versions: readonly [AtHand, ...AtHand[]],
    private readonly isGone: boolean,
    private readonly dates: DateFormat,
  ) {
    super();
    this.id = `found:${shown.number}:${JSON.stringify([file.source, file.path])}`;
  }

  /** `undefined` where no snapshot stands any more that holds what was found. */
  static async of(
    search: TextSearch,
    shown: ShownSearch,
    file: FoundFile,
    dates: DateFormat,
  ): Promise<FoundFileNode | undefined> {
    const [newest, ...older] = file.versions.flatMap(version => {
      const uri = search.addressOf(version);
      return uri ? [{ version, uri }] : [];
    });
    if (!newest) return undefined;
    const today = isLost(file) ? search.todaysPathOf(file) : undefined;
    const isGone = today !== undefined && (await isGoneToday(today));
    return new FoundFileNode(shown, file, [newest, ...older], isGone, dates);
  }

  /** In the newest snapshot that holds what was found. */
  get uri(): vscode.Uri {
    return this.versions[0].uri;
  }

  override getTreeItem(): vscode.TreeItem {
    const { file, dates, versions, isGone } = this;
    const [newest, ...older] = versions;
    const folder = dirname(file.path);
    const place = this.shown.hasSources ? joinPath(file.source, folder) : folder;
    const lost = isGone ? vscode.l10n.t('file deleted') : lostText({ deleted: isLost(file) });
    const span = older.length === 0 ? spanText(newest.version, dates) : '';
    const name = basename(file.path);
    const facts = [place, matchCount(file.count, dates), lost, span];
    const item = treeItem(
      {
        label: name,
        description: joined(facts),
        tooltip: [joinPath(file.source, file.path), ...facts.slice(1)],
        spoken: [name, ...facts],
      },
      vscode.TreeItemCollapsibleState.Expanded,
    );
    item.id = this.id;
    item.contextValue = NodeKind.found;
    item.resourceUri = markedUri(this.uri, isGone ? 'gone' : undefined);
    item.iconPath = vscode.ThemeIcon.File;
    return item;
  }

  override getChildren(): Node[] {
    const { versions, dates, id } = this;
    const [newest, ...older] = versions;
    if (older.length === 0) return foundLines(id, newest.uri, newest.version, dates);
    return versions.map(
      ({ uri, version }) => new FoundVersionNode(id, uri, version, version === newest.version, dates),
    );
  }
}

// Today's file has nothing of it.
function isLost({ versions }: FoundFile): boolean {
  return versions.every(({ deleted }) => deleted);
}

function joinPath(source: string, path: string): string {
  return path === '' ? source : `${source}/${path}`;
}
