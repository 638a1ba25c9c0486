import type { AnnotateRequest } from '../engine/annotate.js';
import { LONGEST_LABEL } from '../engine/words/label.js';
import { snapshotOperand } from './operands.js';
import type { Session } from './session.js';
import { ExitStatus } from './status.js';
import { printable } from './text.js';
import { Command } from './command.js';

export const labelCommand = new Command({
  name: 'label',
  synopsis: 'label <snapshot> [TEXT]',
  summary: 'give a snapshot a label; without TEXT, remove it',
  operands: { min: 1, max: 2, first: 'a snapshot' },
  options: [],
  optionHelp: [],
  notes: [
    'A label only names a snapshot; to keep one, pin it.',
    `It is one line of at most ${LONGEST_LABEL} characters.`,
  ],
  run: session => annotate(session, { label: session.operands[1] ?? null }),
});

export const pinCommand = new Command({
  name: 'pin',
  synopsis: 'pin <snapshot>',
  summary: 'keep a snapshot from being pruned or deleted',
  operands: { min: 1, max: 1, first: 'a snapshot' },
  options: [],
  optionHelp: [],
  run: session => annotate(session, { pinned: true }),
});

export const unpinCommand = new Command({
  name: 'unpin',
  synopsis: 'unpin <snapshot>',
  summary: 'let a pinned snapshot be pruned and deleted again',
  operands: { min: 1, max: 1, first: 'a snapshot' },
  options: [],
  optionHelp: [],
  run: session => annotate(session, { pinned: false }),
});

async function annotate(session: Session, change: Pick<AnnotateRequest, 'label' | 'pinned'>): Promise<ExitStatus> {
  const snapshot = snapshotOperand(session.operands[0] ?? '', session);
  const result = await session.callOrReport('annotate', { location: session.location, snapshot, ...change });
  if (typeof result === 'number') return result;
  const { id, label, pinned, notes } = result;
  for (const note of notes) session.terminal.diagnose(note);
  if (session.json) await session.printJson({ id, label, pinned });
  else if (!session.quiet) {
    const remarks = [label === null ? 'no label' : `label ${printable(label)}`, pinned ? 'pinned' : 'not pinned'];
    await session.printLines([`${printable(id)}: ${remarks.join(', ')}`]);
  }
  return ExitStatus.done;
}
