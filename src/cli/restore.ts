import type { RestoreResult } from '../engine/model.js';
import { absolute } from './exact.js';
import { pathOperand, snapshotOperand } from './operands.js';
import type { Session } from './session.js';
import { ExitStatus } from './status.js';
import { count } from './text.js';
import { Command } from './command.js';

export const restoreCommand = new Command({
  name: 'restore',
  synopsis: 'restore <snapshot> [path...]',
  summary: 'bring files back, all of them or those at and below the given paths',
  operands: { min: 1, max: Infinity, first: 'a snapshot' },
  options: ['to', 'overwrite'],
  optionHelp: [
    ['--to DIR', 'restore into this folder (default: the source itself)'],
    ['--overwrite', 'with --to: also replace files that differ'],
  ],
  notes: ['Whatever is replaced is first kept in a safety snapshot.'],
  run: restore,
});

async function restore(session: Session): Promise<ExitStatus> {
  const [snapshot = '', ...paths] = session.operands;
  const { to, overwrite } = session.options;
  const result = await session.callOrReport('restore', {
    place: session.place,
    snapshot: snapshotOperand(snapshot),
    paths: paths.map(pathOperand),
    ...(to === undefined ? {} : { to: absolute(to) }),
    overwrite: overwrite === true,
  });
  if (typeof result === 'number') return result;
  if (session.json) await session.printJson(restoreJson(result));
  else {
    session.reportErrors(result.errors);
    if (!session.quiet) await session.printLines(summary(result));
  }
  return result.errors.length > 0 ? ExitStatus.incomplete : ExitStatus.done;
}

function restoreJson(result: RestoreResult): object {
  const paths = (list: { path: string }[]): object[] => list.map(({ path }) => ({ path }));
  return {
    created: paths(result.created),
    overwritten: paths(result.overwritten),
    deleted: paths(result.deleted),
    unchanged: result.unchanged,
    safetySnapshot: result.safetySnapshot,
    errors: result.errors.map(({ path, code, message }) => ({ path, code, message })),
  };
}

function summary({ created, overwritten, deleted, unchanged, safetySnapshot, errors }: RestoreResult): string[] {
  const done = [
    `${created.length.toLocaleString('en')} created`,
    `${overwritten.length.toLocaleString('en')} overwritten`,
    ...(deleted.length > 0 ? [`${deleted.length.toLocaleString('en')} deleted`] : []),
    `${unchanged.toLocaleString('en')} unchanged`,
    ...(errors.length > 0 ? [count(errors.length, 'error')] : []),
  ];
  const kept = safetySnapshot === null ? [] : [`What was there before is kept in ${safetySnapshot}`];
  return [`Restored: ${done.join(', ')}`, ...kept];
}
