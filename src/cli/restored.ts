import type { RestoreResult } from '../engine/words/model.js';
import type { Session } from './session.js';
import { ExitStatus } from './status.js';
import { count, printable } from './text.js';

/** Tells what a restore or an undo has done or, after a dry run, would do. Returns the command's status. */
export async function tellRestored(
  session: Session,
  result: RestoreResult,
  words: { done: string; dryRun?: boolean },
): Promise<ExitStatus> {
  const { dryRun = false } = words;
  for (const note of result.notes) session.terminal.diagnose(note);
  if (session.json) await session.printJson(restoredJson(result));
  else {
    session.reportErrors(result.errors);
    if (dryRun) await session.printLines(planLines(result));
    if (!session.quiet) await session.printLines([...leftLines(result), ...summary(result, words.done, dryRun)]);
  }
  return result.errors.length > 0 ? ExitStatus.incomplete : ExitStatus.done;
}

function restoredJson(result: RestoreResult): object {
  const paths = (list: { path: string }[]): object[] => list.map(({ path }) => ({ path }));
  return {
    created: paths(result.created),
    overwritten: paths(result.overwritten),
    deleted: paths(result.deleted),
    unchanged: result.unchanged,
    left: result.left.map(({ path, reason }) => ({ path, reason })),
    safetySnapshot: result.safetySnapshot,
    errors: result.errors.map(({ path, code, message }) => ({ path, code, message })),
  };
}

function planLines({ created, overwritten, deleted }: RestoreResult): string[] {
  const lines = (verb: string, list: { path: string }[]): string[] =>
    list.map(({ path }) => `${verb}  ${path === '' ? '.' : printable(path)}`);
  return [...lines('create   ', created), ...lines('overwrite', overwritten), ...lines('delete   ', deleted)];
}

function leftLines({ left }: RestoreResult): string[] {
  const why = {
    repository: 'a git repository; --git restores it too',
    changed: 'somebody else has changed it',
  };
  return left.map(({ path, reason }) => `Left as it is: ${printable(path)} (${why[reason]})`);
}

function summary(result: RestoreResult, verb: string, dryRun: boolean): string[] {
  const { created, overwritten, deleted, unchanged, safetySnapshot, errors } = result;
  const done = [
    `${created.length.toLocaleString('en')} created`,
    `${overwritten.length.toLocaleString('en')} overwritten`,
    ...(deleted.length > 0 ? [`${deleted.length.toLocaleString('en')} deleted`] : []),
    `${unchanged.toLocaleString('en')} unchanged`,
    ...(errors.length > 0 ? [count(errors.length, 'error')] : []),
  ];
  const name = safetySnapshot?.slice(0, safetySnapshot.lastIndexOf('/')) ?? '';
  const kept =
    safetySnapshot === null
      ? []
      : [`What was there before is kept in ${printable(safetySnapshot)}; phlb undo ${printable(name)} brings it back`];
  return [`${dryRun ? 'Dry run, nothing was written' : verb}: ${done.join(', ')}`, ...kept];
}
