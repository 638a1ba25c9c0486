import type { PurgeResult } from '../engine/purge.js';
import { PhlbError } from '../engine/words/errors.js';
import { offsiteTarget } from './offsite.js';
import { failures, type Session } from './session.js';
import { ExitStatus } from './status.js';
import { count, printable, size, table } from './text.js';
import { Command } from './command.js';

export const purgeCommand = new Command({
  name: 'purge',
  synopsis: 'purge <glob>',
  summary: 'take matching files out of every snapshot, for good',
  operands: { min: 1, max: 1, first: 'a glob' },
  options: ['yes', 'offsite', 'repository'],
  optionHelp: [
    ['--yes', 'do it; without this, only show what would be removed'],
    ['--offsite', 'also delete the copies off this machine that hold it; the next push makes them anew without it'],
    ['--repository R', "with --offsite: restic's address of the repository (default $RESTIC_REPOSITORY)"],
  ],
  notes: [
    'A glob without / matches at any depth. A folder that matches goes with everything below it.',
    'Nothing brings back what was purged. The source itself is not touched.',
  ],
  run: purge,
});

async function purge(session: Session): Promise<ExitStatus> {
  const [glob = ''] = session.operands;
  const { location, options } = session;
  const dryRun = options.yes !== true;
  // Named before anything is purged, else it is found missing afterwards.
  const target = options.offsite === true ? offsiteTarget(session) : undefined;
  if (options.repository !== undefined && !target) throw new PhlbError('usage', '--repository goes with --offsite');
  const asked = target && (await session.callOrReport('offsiteStatus', { location, target }));
  if (typeof asked === 'number') return asked;
  const result = await session.callOrReport('purge', { location, glob, dryRun });
  if (typeof result === 'number') return result;
  const forgotten =
    target && !dryRun
      ? await session.callOrReport('offsiteForget', { location, target, rules: {}, snapshots: result.copies })
      : undefined;
  if (typeof forgotten === 'number') return forgotten;
  for (const note of result.notes) session.terminal.diagnose(note);
  for (const { snapshot, reason } of result.leftAlone) session.terminal.diagnose(`Left alone: ${snapshot}: ${reason}`);
  session.reportErrors(result.errors);
  const { removed, freedBytes, copies, errors } = result;
  const gone = new Set(forgotten?.deleted);
  const left = copies.filter(id => !gone.has(id));
  if (session.json) {
    const offsite = copies.length > 0 ? { offsite: { held: left, deleted: [...gone] } } : {};
    await session.printJson({ removed, freedBytes, dryRun, ...offsite, ...failures(errors) });
  } else if (!session.quiet) await session.printLines([...lines(result), ...copyLines(left, gone.size)]);
  return result.leftAlone.length + errors.length > 0 ? ExitStatus.incomplete : ExitStatus.done;
}

function copyLines(left: readonly string[], deleted: number): string[] {
  return [
    ...(deleted > 0
      ? [`Deleted ${count(deleted, 'copy', 'copies')} off this machine; phlb offsite push makes them anew`]
      : []),
    ...(left.length > 0
      ? [`Copies off this machine hold it still (--offsite deletes them): ${left.map(printable).join(', ')}`]
      : []),
  ];
}

function lines({ removed, freedBytes, dryRun }: PurgeResult): string[] {
  if (removed.length === 0) return ['Nothing matches'];
  const names = table(removed.map(({ snapshot, path }) => [printable(snapshot), printable(path)]));
  const where = `from ${count(new Set(removed.map(({ snapshot }) => snapshot)).size, 'snapshot')}`;
  const what = count(removed.length, 'entry', 'entries');
  return [
    ...names,
    dryRun
      ? `Would remove ${what} ${where} and free ${size(freedBytes)}; nothing was removed: add --yes to do it`
      : `Removed ${what} ${where}, ${size(freedBytes)} freed`,
  ];
}
