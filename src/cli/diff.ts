import type { Change, ChangeKind } from '../engine/index/changes.js';
import type { DiffResult } from '../engine/diff.js';
import { PhlbError } from '../engine/words/errors.js';
import { repositoryOf } from '../engine/words/repositories.js';
import { snapshotOperand } from './operands.js';
import type { Session } from './session.js';
import { ExitStatus } from './status.js';
import { count, printable, table } from './text.js';
import { Command } from './command.js';

export const diffCommand = new Command({
  name: 'diff',
  synopsis: 'diff <snapshot> [other]',
  summary: 'what has changed from one snapshot to another, or to the source as it is now',
  operands: { min: 0, max: 2 },
  options: ['turn', 'git'],
  optionHelp: [
    [
      '--turn ID',
      'what the turn of an agent has changed (see backup --turn); instead of snapshots, a source may be named',
    ],
    ['--git', 'list each change in git repositories (with --json: always)'],
  ],
  notes: [
    'added, removed      on one side only',
    'modified            different content, link target or type',
    'moved               the same content under another name',
    'metadata            different mode, owner or time',
    'unstored            perhaps still there, but no longer stored: excluded, too large, or not readable',
  ],
  run: diff,
});

async function diff(session: Session): Promise<ExitStatus> {
  const { turn } = session.options;
  const result = await (turn === undefined ? diffOfSnapshots(session) : diffOfTurn(turn, session));
  if (typeof result === 'number') return result;
  for (const { path, message } of result.errors) session.terminal.diagnose(`${path}: ${message}`);
  if (session.json) await session.printJson({ changes: result.changes.map(changeJson) });
  else {
    const folded = session.options.git === true ? new Map<string, number>() : countByRepository(result.changes);
    const listed = result.changes.filter(({ path }) => !folded.has(repositoryOf(path) ?? ''));
    await session.printLines(table(listed.map(row)));
    await session.printLines([...folded].map(([path, changes]) => `${printable(path)}: ${count(changes, 'change')}`));
    if (!session.quiet) await session.printLines([summary(result)]);
  }
  return result.errors.length > 0 ? ExitStatus.incomplete : ExitStatus.done;
}

function diffOfSnapshots(session: Session): Promise<DiffResult | ExitStatus> {
  const [snapshot, other] = session.operands;
  if (snapshot === undefined) {
    throw new PhlbError('usage', 'diff needs a snapshot', { hint: 'usage: phlb diff <snapshot> [other]' });
  }
  return session.callOrReport('diff', {
    location: session.location,
    snapshot: snapshotOperand(snapshot, session),
    ...(other === undefined ? {} : { other: snapshotOperand(other, session) }),
  });
}

function diffOfTurn(turn: string, session: Session): Promise<DiffResult | ExitStatus> {
  const [name, second] = session.operands;
  if (second !== undefined)
    throw new PhlbError('usage', '--turn takes no snapshots', { hint: 'name one source at most' });
  return session.callOrReport('turnChanges', {
    location: session.location,
    turn,
    ...(name === undefined ? {} : { name }),
  });
}

// What git does to its own files is of no interest one by one.
function countByRepository(changes: readonly Change[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const repository of changes.flatMap(({ path }) => repositoryOf(path) ?? [])) {
    counts.set(repository, (counts.get(repository) ?? 0) + 1);
  }
  return counts;
}

function changeJson({ path, change, from }: Change): object {
  return { path, change, from };
}

function row({ path, change, type, from }: Change): string[] {
  const name = path === '' ? '.' : `${printable(path)}${type === 'dir' ? '/' : ''}`;
  return [change, from === undefined ? name : `${printable(from)} -> ${name}`];
}

function summary({ older, newer, counts }: DiffResult): string {
  const kinds = (Object.keys(counts) as ChangeKind[]).filter(kind => counts[kind] > 0);
  const what = kinds.map(kind => `${counts[kind].toLocaleString('en')} ${kind}`).join(', ');
  return `${older} to ${newer ?? 'now'}: ${what === '' ? 'no changes' : what}`;
}
