import type { PurgeResult } from '../engine/purge.js';
import { failures, type Session } from './session.js';
import { ExitStatus } from './status.js';
import { count, printable, size, table } from './text.js';
import { Command } from './command.js';

export const purgeCommand = new Command({
  name: 'purge',
  synopsis: 'purge <glob>',
  summary: 'take matching files out of every snapshot, for good',
  operands: { min: 1, max: 1, first: 'a glob' },
  options: ['yes'],
  optionHelp: [['--yes', 'do it; without this, only show what would be removed']],
  notes: [
    'A glob without / matches at any depth. A folder that matches goes with everything below it.',
    'Nothing brings back what was purged. The source itself is not touched.',
  ],
  run: purge,
});

async function purge(session: Session): Promise<ExitStatus> {
  const [glob = ''] = session.operands;
  const dryRun = session.options.yes !== true;
  const result = await session.callOrReport('purge', { location: session.location, glob, dryRun });
  if (typeof result === 'number') return result;
  for (const note of result.notes) session.terminal.diagnose(note);
  for (const { snapshot, reason } of result.leftAlone) session.terminal.diagnose(`Left alone: ${snapshot}: ${reason}`);
  session.reportErrors(result.errors);
  const { removed, freedBytes, errors } = result;
  if (session.json) await session.printJson({ removed, freedBytes, dryRun, ...failures(errors) });
  else if (!session.quiet) await session.printLines(lines(result));
  return result.leftAlone.length + errors.length > 0 ? ExitStatus.incomplete : ExitStatus.done;
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
