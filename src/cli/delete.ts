import type { DeleteResult } from '../engine/delete.js';
import { snapshotOperand } from './operands.js';
import { failures, type Session } from './session.js';
import { ExitStatus } from './status.js';
import { count, printable, size } from './text.js';
import { Command } from './command.js';

export const deleteCommand = new Command({
  name: 'delete',
  synopsis: 'delete <snapshot>...',
  summary: 'remove snapshots for good; all others stay whole',
  operands: { min: 1, max: Infinity, first: 'a snapshot' },
  options: [],
  optionHelp: [],
  notes: ['A pinned snapshot is refused, and nothing is deleted then.'],
  run: deleteSnapshots,
});

async function deleteSnapshots(session: Session): Promise<ExitStatus> {
  const result = await session.callOrReport('delete', {
    location: session.location,
    snapshots: session.operands.map(operand => snapshotOperand(operand, session)),
  });
  if (typeof result === 'number') return result;
  for (const note of result.notes) session.terminal.diagnose(note);
  session.reportErrors(result.errors);
  if (session.json) await session.printJson(deleteJson(result));
  else if (!session.quiet) await session.printLines(lines(result));
  return result.errors.length > 0 ? ExitStatus.incomplete : ExitStatus.done;
}

function deleteJson({ deleted, freedBytes, errors }: DeleteResult): object {
  return { deleted, freedBytes, ...failures(errors) };
}

function lines({ deleted, freedBytes }: DeleteResult): string[] {
  return [
    ...deleted.map(id => `Deleted ${printable(id)}`),
    `${count(deleted.length, 'snapshot')} deleted, ${size(freedBytes)} freed`,
  ];
}
