import { tellRestored } from './restored.js';
import type { Session } from './session.js';
import type { ExitStatus } from './status.js';
import { Command } from './command.js';

export const undoCommand = new Command({
  name: 'undo',
  synopsis: 'undo [name]',
  summary: 'undo the last restore, of one source or of all; a second undo restores again',
  operands: { min: 0, max: 1 },
  options: ['git', 'dry-run'],
  optionHelp: [
    ['--git', 'also in a git repository that has had new commits since the restore'],
    ['--dry-run', 'only show what would be created, overwritten and deleted'],
  ],
  notes: ['What the restore created goes, unless it has changed since; what it replaced or removed comes back.'],
  run: undo,
});

async function undo(session: Session): Promise<ExitStatus> {
  const [name] = session.operands;
  const dryRun = session.options['dry-run'] === true;
  const result = await session.callOrReport('undo', {
    location: session.location,
    ...(name === undefined ? {} : { name }),
    ...(session.options.git === true ? { git: true } : {}),
    dryRun,
  });
  return typeof result === 'number' ? result : tellRestored(session, result, { done: 'Undone', dryRun });
}
