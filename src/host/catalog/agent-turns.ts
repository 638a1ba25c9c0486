/** The turns of coding agents that can be taken back, as the list of snapshots tells of them. */
import * as vscode from 'vscode';
import type { SnapshotInfo, SourceInfo } from '../../engine/words/model.js';
import { CAUSES } from '../../engine/words/turns.js';
import type { DateFormat } from '../editor/dates.js';

export interface AgentTurn {
  id: string;
  /** for people, not yet plain */
  agent: string;
  source: SourceInfo;
  /** how things were before */
  first: SnapshotInfo;
  /** the last one that holds changes of it */
  last: SnapshotInfo;
}

/** Those of this computer's sources that have changed anything, the latest first. */
export function agentTurns(sources: readonly SourceInfo[]): AgentTurn[] {
  return sources
    .filter(({ local }) => local)
    .flatMap(turnsOf)
    .sort((a, b) => Date.parse(b.last.startedAt) - Date.parse(a.last.startedAt));
}

/** Whose work a snapshot holds; `undefined`: nobody's in particular. */
export function agentOf({ cause, turns, kind }: SnapshotInfo): string | undefined {
  if (kind === 'safety') return undefined;
  const turn = turns.find(({ part }) => part === 'after');
  if (turn) return turn.cause ?? vscode.l10n.t('An agent');
  return cause !== null && turns.length === 0 && !OWN_CAUSES.has(cause) ? cause : undefined;
}

/** `Today 14:02 – 14:05` */
export function turnTime({ first, last }: AgentTurn, dates: DateFormat): string {
  const [from, to] = [first, last].map(({ startedAt }) => new Date(startedAt)) as [Date, Date];
  return dates.short(from) === dates.short(to) ? dates.short(to) : `${dates.short(from)} – ${dates.time(to)}`;
}

/** How many files it has changed; `undefined`: only a comparison could tell. */
export function changedFilesOf({ source: { snapshots }, first, last }: AgentTurn): number | undefined {
  const kept = snapshots.filter(({ kind }) => kind === 'snapshot');
  return kept.indexOf(last) === kept.indexOf(first) + 1 ? last.changedFiles : undefined;
}

const OWN_CAUSES: ReadonlySet<string> = new Set(Object.values(CAUSES));

function turnsOf(source: SourceInfo): AgentTurn[] {
  const turns = new Map<string, AgentTurn>();
  for (const snapshot of source.snapshots) {
    for (const { id, cause, part } of snapshot.turns) {
      const known = turns.get(id);
      const agent = cause ?? known?.agent ?? vscode.l10n.t('An agent');
      if (!known) turns.set(id, { id, agent, source, first: snapshot, last: snapshot });
      else if (part === 'after') Object.assign(known, { agent, last: snapshot });
    }
  }
  return [...turns.values()].filter(({ first, last }) => first !== last);
}
