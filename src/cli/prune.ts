import type { PrunedSource, PruneResult } from '../engine/prune.js';
import { hasRules } from '../engine/words/retention.js';
import { retentionFrom, RETENTION_OPTIONS } from './retention-options.js';
import { failures, type Session } from './session.js';
import { ExitStatus } from './status.js';
import { count, localTime, printable, size, table } from './text.js';
import { Command } from './command.js';

export const pruneCommand = new Command({
  name: 'prune',
  synopsis: 'prune [name]',
  summary: 'delete the snapshots that no rule keeps, of one source or of each',
  operands: { min: 0, max: 1 },
  options: [...RETENTION_OPTIONS, 'dry-run'],
  optionHelp: [
    ['--keep-last N', 'keep the newest N snapshots'],
    ['--keep-hourly N', 'keep the newest of each of the last N hours that have one'],
    ['--keep-daily N', 'the same for days'],
    ['--keep-weekly N', 'for weeks, from Monday'],
    ['--keep-monthly N', 'for months'],
    ['--keep-yearly N', 'for years'],
    [
      '--keep-within 1y2m15d3h',
      'keep all that are younger than that, counted back from the newest (any of the four units)',
    ],
    ['--dry-run', 'only show what would stay and why, what would go, and what that would free'],
  ],
  notes: [
    'A snapshot that any rule keeps stays; without a rule nothing is deleted. Pinned snapshots always stay, and those',
    'dated in the future. A rule with counts left keeps the oldest snapshot too. Within an hour, day… a snapshot without',
    'errors is preferred. Snapshots from before a restore stay for 30 days, and the newest 10 longer.',
  ],
  run: prune,
});

async function prune(session: Session): Promise<ExitStatus> {
  const [name] = session.operands;
  const rules = retentionFrom(session.options);
  const dryRun = session.options['dry-run'] === true;
  const result = await session.callOrReport('prune', {
    location: session.location,
    ...(name === undefined ? {} : { name }),
    rules,
    dryRun,
  });
  if (typeof result === 'number') return result;
  for (const note of result.notes) session.terminal.diagnose(note);
  session.reportErrors(result.errors);
  if (session.json) await session.printJson(pruneJson(result));
  else {
    if (dryRun) await session.printLines(result.sources.flatMap(sourceLines));
    if (!session.quiet) await session.printLines([hasRules(rules) ? summary(result, dryRun) : NO_RULE]);
  }
  return result.errors.length > 0 ? ExitStatus.incomplete : ExitStatus.done;
}

const NO_RULE = 'No rule was given, so nothing is deleted';

function pruneJson({ sources, freedBytes, errors }: PruneResult): object {
  return {
    kept: sources.flatMap(({ kept }) => kept.map(({ id, reasons }) => ({ id, reasons }))),
    deleted: deletedIds(sources),
    freedBytes,
    ...failures(errors),
  };
}

function sourceLines({ name, kept, deleted }: PrunedSource): string[] {
  const rows = [
    ...kept.map(({ id, startedAt, reasons }) => ({ id, startedAt, verdict: `keep: ${reasons.join(', ')}` })),
    ...deleted.map(({ id, startedAt }) => ({ id, startedAt, verdict: 'delete' })),
  ].sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  const cells = rows.map(row => [printable(row.id), localTime(row.startedAt), row.verdict.replace(/: $/, '')]);
  return [printable(name), ...table([['SNAPSHOT', 'TAKEN', ''], ...cells]).map(line => `  ${line}`), ''];
}

function summary({ sources, freedBytes }: PruneResult, dryRun: boolean): string {
  const deleted = deletedIds(sources).length;
  const all = deleted + sources.reduce((sum, { kept }) => sum + kept.length, 0);
  const done = dryRun ? 'would be deleted' : 'deleted';
  return `${deleted.toLocaleString('en')} of ${count(all, 'snapshot')} ${done}, ${size(freedBytes)} freed`;
}

function deletedIds(sources: readonly PrunedSource[]): string[] {
  return sources.flatMap(({ deleted }) => deleted.map(({ id }) => id));
}
