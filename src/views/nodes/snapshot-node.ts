import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { NodeKind, type SnapshotItem } from '../../contributions.js';
import type { SnapshotInfo, SourceInfo } from '../../engine/words/model.js';
import { CAUSES } from '../../engine/words/turns.js';
import { agentOf } from '../../host/catalog/agent-turns.js';
import { errorCount, fileCount } from '../../host/editor/count-text.js';
import type { DateFormat } from '../../host/editor/dates.js';
import type { Mark } from '../../host/catalog/change-tree.js';
import { safetyText } from '../../host/catalog/safety-text.js';
import { CHANGES_AT_MOST } from '../../host/catalog/snapshot-changes.js';
import { treeItem } from '../shown.js';
import { changedNodes, childNodes } from './contents.js';
import { Node } from './node.js';
import { NoteNode } from './note-node.js';
import { OpenSnapshot } from './open-snapshot.js';
import type { NodeServices } from './services.js';

/** No longer than a person takes for "at once". */
const SOON_MS = 300;

/** One snapshot: when it was taken, what it is called, how much is new in it. */
export class SnapshotNode extends Node implements SnapshotItem {
  readonly uri: vscode.Uri;
  private readonly open: OpenSnapshot;

  constructor(
    private readonly services: NodeServices,
    private readonly storeId: string,
    source: SourceInfo,
    private readonly snapshot: SnapshotInfo,
  ) {
    super();
    this.open = new OpenSnapshot(services, storeId, source, snapshot);
    this.uri = this.open.address('');
  }

  override getTreeItem(): vscode.TreeItem {
    const { snapshot } = this;
    const at = new Date(snapshot.startedAt);
    // Those of all days stand together.
    const time = snapshot.kind === 'safety' ? this.services.dates.short(at) : this.services.dates.time(at);
    const facts = this.facts();
    const item = treeItem(
      { label: time, description: facts.join(' · '), tooltip: this.tooltip(), spoken: [time, ...facts] },
      vscode.TreeItemCollapsibleState.Collapsed,
    );
    item.id = `snapshot:${this.storeId}:${snapshot.id}`;
    item.contextValue = kindOf(snapshot);
    item.iconPath = iconOf(snapshot);
    return item;
  }

  override getChildren(): Promise<Node[]> {
    if (this.services.changesOnly() && this.open.isComparable) return this.changedChildren();
    return this.allChildren();
  }

  // From the disk, with the marks if they come soon; else they are added when they are known.
  private async allChildren(): Promise<Node[]> {
    const { open } = this;
    const changes = open.changes ?? (await Promise.race([open.findChanges(), sleep(SOON_MS, undefined)]));
    if (!changes) void this.findMarks();
    const nodes = await childNodes({ in: open, path: '' });
    return changes ? [...this.restNote(changes.rest), ...nodes] : nodes;
  }

  private async findMarks(): Promise<void> {
    if (await this.open.findChanges()) this.services.refresh(this);
  }

  private async changedChildren(): Promise<Node[]> {
    const { open } = this;
    const top = { in: open, path: '' };
    if (open.isFirst) {
      const note = this.note(vscode.l10n.t('The first snapshot: everything in it is new'));
      return [note, ...(await childNodes(top))];
    }
    const changes = await open.findChanges();
    if (!changes) {
      return [this.note(vscode.l10n.t('It cannot be compared with the previous snapshot'), 'warning')];
    }
    const inRepositories = this.repositoriesNote(changes.inRepositories);
    if (!changes.isEmpty) return [...this.restNote(changes.rest), ...(await changedNodes(top)), ...inRepositories];
    if (changes.rest > 0) return this.restNote(changes.rest);
    if (inRepositories.length > 0) return inRepositories;
    return [
      this.note(
        changes.metadata > 0
          ? vscode.l10n.t('Only permissions or times have changed')
          : vscode.l10n.t('Nothing has changed since the previous snapshot'),
      ),
    ];
  }

  private restNote(rest: number): Node[] {
    const { dates } = this.services;
    if (rest === 0) return [];
    const shown = dates.number(CHANGES_AT_MOST);
    return [this.note(vscode.l10n.t('{0} changes are marked, {1} more are not', shown, dates.number(rest)))];
  }

  private repositoriesNote(changes: number): Node[] {
    if (changes === 0) return [];
    const text = vscode.l10n.t('Changes in git repositories, not marked: {0}', this.services.dates.number(changes));
    return [new NoteNode(`${this.storeId}:${this.snapshot.id}:git`, text)];
  }

  private note(text: string, icon?: string): NoteNode {
    return new NoteNode(`${this.storeId}:${this.snapshot.id}`, text, icon);
  }

  private facts(): string[] {
    const { snapshot, open } = this;
    const { dates } = this.services;
    const facts = [snapshot.label, agentOf(snapshot)].filter(fact => typeof fact === 'string');
    if (snapshot.problem !== undefined) return [...facts, vscode.l10n.t('its record cannot be read')];
    if (snapshot.pinned) facts.push(vscode.l10n.t('pinned'));
    if (snapshot.kind === 'safety') {
      facts.push(safetyText(snapshot, dates));
    } else {
      const changed = vscode.l10n.t('{0} changed', dates.number(snapshot.changedFiles));
      facts.push(open.isFirst ? fileCount(snapshot.files, dates) : changed);
    }
    if (snapshot.copiedBytes > 0) facts.push(`+${dates.size(snapshot.copiedBytes)}`);
    if (snapshot.errors > 0) facts.push(errorCount(snapshot.errors, dates));
    return facts;
  }

  private tooltip(): string[] {
    const { snapshot } = this;
    const { dates } = this.services;
    const lines = [dates.long(new Date(snapshot.startedAt)), snapshot.label ?? ''];
    if (snapshot.kind === 'safety') {
      lines.push(
        safetyText(snapshot, dates),
        snapshot.restore?.saved === false
          ? vscode.l10n.t('It holds what the restore needs to be undone')
          : vscode.l10n.t('What a restore replaced, as it was before'),
      );
    }
    if (snapshot.problem !== undefined) lines.push(snapshot.problem);
    else {
      lines.push(`${fileCount(snapshot.files, dates)}, ${dates.size(snapshot.bytes)}`, this.changesLine());
      lines.push(vscode.l10n.t('{0} newly stored for it', dates.size(snapshot.copiedBytes)));
    }
    lines.push(...this.turnLines());
    if (snapshot.pinned) lines.push(vscode.l10n.t('Pinned: no clean-up deletes it'));
    if (snapshot.errors > 0) {
      lines.push(vscode.l10n.t('{0}: not everything could be stored as it is', errorCount(snapshot.errors, dates)));
    }
    return [...lines, snapshot.path];
  }

  private turnLines(): string[] {
    const { cause, turns } = this.snapshot;
    const agentsOf = (wanted: 'before' | 'after'): string =>
      [
        ...new Set(turns.filter(({ part }) => part === wanted).map(turn => turn.cause ?? vscode.l10n.t('An agent'))),
      ].join(', ');
    const [after, before] = [agentsOf('after'), agentsOf('before')];
    return [
      cause === CAUSES.autoBackup ? vscode.l10n.t('Taken by auto-backup') : '',
      after === '' ? '' : vscode.l10n.t('Changed by {0}; it can be taken back', after),
      before === '' ? '' : vscode.l10n.t('As it was before {0} began', before),
    ];
  }

  // Each kind of change once they are known, in which case the snapshot has been looked into; else their number.
  private changesLine(): string {
    const { open, snapshot } = this;
    const { dates } = this.services;
    if (!open.isComparable) return '';
    if (open.isFirst) return vscode.l10n.t('The first snapshot: everything in it is new');
    const { changes } = open;
    const told = changes && changes.rest === 0 ? countsText(changes.counts, dates) : '';
    const all = told === '' ? vscode.l10n.t('{0} changed', dates.number(snapshot.changedFiles)) : told;
    return vscode.l10n.t('Since the previous snapshot: {0}', all);
  }
}

function countsText(counts: Record<Mark, number>, dates: DateFormat): string {
  const { added, modified, moved, removed, unstored } = counts;
  return [
    added > 0 ? vscode.l10n.t('{0} new', dates.number(added)) : '',
    modified > 0 ? vscode.l10n.t('{0} modified', dates.number(modified)) : '',
    moved > 0 ? vscode.l10n.t('{0} moved', dates.number(moved)) : '',
    removed > 0 ? vscode.l10n.t('{0} deleted', dates.number(removed)) : '',
    unstored > 0 ? vscode.l10n.t('{0} no longer stored', dates.number(unstored)) : '',
  ]
    .filter(text => text !== '')
    .join(', ');
}

function kindOf({ problem, kind, pinned, turns }: SnapshotInfo): NodeKind {
  if (problem !== undefined) return NodeKind.brokenSnapshot;
  if (kind === 'safety') return NodeKind.safetySnapshot;
  if (turns.some(({ part }) => part === 'after')) {
    return pinned ? NodeKind.pinnedTurnSnapshot : NodeKind.turnSnapshot;
  }
  return pinned ? NodeKind.pinnedSnapshot : NodeKind.snapshot;
}

function iconOf(snapshot: SnapshotInfo): vscode.ThemeIcon {
  const { problem, errors, kind, pinned } = snapshot;
  if (problem !== undefined || errors > 0) {
    return new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
  }
  if (kind === 'safety') return new vscode.ThemeIcon('shield');
  if (pinned) return new vscode.ThemeIcon('pinned');
  return new vscode.ThemeIcon(agentOf(snapshot) === undefined ? 'history' : 'sparkle');
}
