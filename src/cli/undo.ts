import { tellRestored } from './restored.js';
import type { Session } from './session.js';
import type { ExitStatus } from './status.js';
import { Command } from './command.js';

export const undoCommand = new Command({
  name: 'undo',
  synopsis: 'undo [name]',
  summary: 'undo the last restore, or what a turn of an agent changed; a second undo restores again',
  operands: { min: 0, max: 1 },
  options: ['turn', 'git', 'dry-run'],
  optionHelp: [
    ['--turn ID', 'take back what the turn of that ID has changed (see backup --turn), and nobody since'],
    ['--git', 'also in a git repository that has had new commits since the restore'],
    ['--dry-run', 'only show what would be created, overwritten and deleted'],
  ],
  notes: [
    'What the restore created goes, unless it has changed since; what it replaced or removed comes back.',
    'With --turn, what others have changed during the turn or since stays, and is named; phlb undo takes that back in turn.',
  ],
  run: undo,
});

async function undo(session: Session): Promise<ExitStatus> {
  const [name] = session.operands;
  const dryRun = session.options['dry-run'] === true;
  const { git, turn } = session.options;
  const request = {
    location: session.location,
    ...(name === undefined ? {} : { name }),
    ...(git === true ? { git } : {}),
    dryRun,
  };
  const result =
    turn === undefined
      ? await session.callOrReport('undo', request)
      : await session.callOrReport('undoTurn', { ...request, turn });
  return typeof result === 'number' ? result : tellRestored(session, result, { done: 'Undone', dryRun });
}
