import type { ListResult, SnapshotInfo, SourceInfo } from '../engine/words/model.js';
import type { TurnInfo } from '../engine/words/turns.js';
import type { Session } from './session.js';
import { ExitStatus } from './status.js';
import { basename } from '../engine/words/names.js';
import { count, localTime, printable, size, table } from './text.js';
import { Command } from './command.js';

const MOST_TURNS = 2;

export const listCommand = new Command({
  name: 'list',
  synopsis: 'list [name]',
  summary: 'sources and their snapshots, oldest first',
  operands: { min: 0, max: 1 },
  options: ['all'],
  optionHelp: [['--all', 'also the snapshots that a restore takes of what it replaces']],
  run: list,
});

async function list(session: Session): Promise<ExitStatus> {
  const [name] = session.operands;
  const result = await session.callOrReport('list', {
    location: session.location,
    ...(name === undefined ? {} : { name }),
    all: session.options.all === true,
  });
  if (typeof result === 'number') return result;
  for (const { id, problem } of result.sources.flatMap(source => source.snapshots)) {
    if (problem !== undefined) session.terminal.diagnose(`${id}: ${problem}`);
  }
  if (session.json) await session.printJson(listJson(result));
  else await session.printLines(result.sources.flatMap((source, at) => [...(at > 0 ? [''] : []), ...lines(source)]));
  return ExitStatus.done;
}

function listJson(result: ListResult): object {
  return {
    sources: result.sources.map(({ name, source, snapshots }) => ({
      name,
      source,
      snapshots: snapshots.map(snapshotJson),
    })),
  };
}

// What nobody has said is left out.
function snapshotJson(snapshot: SnapshotInfo): object {
  const { id, kind, path, startedAt, files, bytes, copiedBytes, label, pinned, errors, cause, turns } = snapshot;
  const turn = (turns.find(({ part }) => part === 'after') ?? turns.at(-1))?.id;
  return {
    ...{ id, kind, path, startedAt, files, bytes, copiedBytes, label, pinned, errors },
    ...(cause === null ? {} : { cause }),
    ...(turn === undefined ? {} : { turn, turns }),
  };
}

function lines({ name, source, snapshots }: SourceInfo): string[] {
  const rows = [['SNAPSHOT', 'TAKEN', 'FILES', 'SIZE', 'NEW', ''], ...snapshots.map(row)];
  return [
    `${printable(name)}  ${source === '' ? '(source not known)' : printable(source)}`,
    ...table(rows, [2, 3, 4]).map(line => `  ${line}`),
  ];
}

function row(snapshot: SnapshotInfo): string[] {
  const remarks = [
    ...(snapshot.kind === 'safety' ? [safetyRemark(snapshot)] : []),
    ...(snapshot.label === null ? [] : [printable(snapshot.label)]),
    ...turnRemarks(snapshot),
    ...(snapshot.pinned ? ['pinned'] : []),
    ...(snapshot.errors > 0 ? [count(snapshot.errors, 'error')] : []),
    ...(snapshot.problem === undefined ? [] : ['unreadable']),
  ];
  return [
    printable(snapshot.id),
    localTime(snapshot.startedAt),
    snapshot.files.toLocaleString('en'),
    size(snapshot.bytes),
    size(snapshot.copiedBytes),
    remarks.join(', '),
  ];
}

// Who took it, where that is not a turn's agent; then what it is of each turn.
function turnRemarks({ kind, cause, turns }: SnapshotInfo): string[] {
  const agents = turns.map(turn => turn.cause);
  const by = cause === null || kind === 'safety' || agents.includes(cause) ? [] : [`by ${printable(cause)}`];
  const of = (part: TurnInfo['part']): string[] =>
    turns.filter(turn => turn.part === part).map(turn => printable(`${turn.cause ?? 'turn'} ${turn.id}`));
  const [after, before] = [of('after'), of('before')];
  return [
    ...by,
    ...after.map(name => `changed by ${name}`),
    // Many may begin where nothing changes.
    ...before.slice(-MOST_TURNS).map(name => `before ${name}`),
    ...(before.length > MOST_TURNS ? [`before ${count(before.length - MOST_TURNS, 'more turn')}`] : []),
  ];
}

// `before restoring comp00.ts and 28 more`
function safetyRemark({ restore }: SnapshotInfo): string {
  if (!restore || restore.path === '') return 'before a restore';
  const { does, path, saved } = restore;
  const more = restore.count - 1;
  const what = `${printable(basename(path))}${more > 0 ? ` and ${more.toLocaleString('en')} more` : ''}`;
  if (saved) {
    return {
      restore: `before restoring ${what}`,
      undo: `before undoing the restore of ${what}`,
      redo: `before restoring ${what} again`,
    }[does];
  }
  const done = { restore: `restored ${what}`, undo: `undid the restore of ${what}`, redo: `restored ${what} again` }[
    does
  ];
  return `${done} (nothing was overwritten)`;
}
