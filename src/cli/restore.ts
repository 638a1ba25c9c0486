import { PhlbError } from '../engine/words/errors.js';
import { snapshotOperand } from './operands.js';
import { tellRestored } from './restored.js';
import type { Session } from './session.js';
import type { ExitStatus } from './status.js';
import { Command } from './command.js';

export const restoreCommand = new Command({
  name: 'restore',
  synopsis: 'restore <snapshot> [path...]',
  summary: 'bring files back, all of them or those at and below the given paths',
  operands: { min: 1, max: Infinity, first: 'a snapshot' },
  options: ['to', 'overwrite', 'delete', 'git', 'dry-run'],
  optionHelp: [
    ['--to DIR', 'restore into this folder (default: the source itself)'],
    ['--overwrite', 'with --to: also replace files that differ'],
    ['--delete', 'remove what the snapshot does not hold; what its rules leave out stays'],
    [
      '--git',
      'rewind git repositories too; otherwise one that is there and differs is left alone, unless named by its path',
    ],
    ['--dry-run', 'only show what would be created, overwritten and deleted'],
  ],
  notes: [
    'Whatever is replaced or removed is first kept in a safety snapshot; phlb undo undoes a restore.',
    'A file of which only the mode, owner or time differs counts as overwritten. Nothing is written through a symlink.',
  ],
  run: restore,
});

async function restore(session: Session): Promise<ExitStatus> {
  const [snapshot = '', ...paths] = session.operands;
  const { to, overwrite } = session.options;
  if (to === '') throw new PhlbError('usage', '--to needs a folder');
  const dryRun = session.options['dry-run'] === true;
  const result = await session.callOrReport('restore', {
    location: session.location,
    snapshot: snapshotOperand(snapshot, session),
    paths,
    ...(to === undefined ? {} : { to: session.absolute(to) }),
    overwrite: overwrite === true,
    delete: session.options.delete === true,
    ...(session.options.git === true ? { git: true } : {}),
    dryRun,
  });
  return typeof result === 'number' ? result : tellRestored(session, result, { done: 'Restored', dryRun });
}
