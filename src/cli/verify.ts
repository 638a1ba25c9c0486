import { PhlbError } from '../engine/words/errors.js';
import type { Problem, VerifyResult } from '../engine/words/model.js';
import { snapshotOperand } from './operands.js';
import type { Session } from './session.js';
import { ExitStatus } from './status.js';
import { count, printable, size, table } from './text.js';
import { Command } from './command.js';

export const verifyCommand = new Command({
  name: 'verify',
  synopsis: 'verify [snapshot...]',
  summary: 'compare stored files with what was recorded about them, and heal them',
  operands: { min: 0, max: Infinity },
  options: ['quick', 'heal'],
  optionHelp: [
    ['--quick', 'sizes, times and presence only'],
    ['--heal', 'repair what is damaged, from good copies in the backup location or the source'],
  ],
  notes: [
    'Without a snapshot, all of them are verified.',
    'A damaged file is healed in every snapshot that shares it. What is not part of a snapshot is left alone.',
  ],
  run: verify,
});

const WORDS: Record<Problem, string> = {
  content: 'content differs',
  missing: 'missing',
  extra: 'not part of the snapshot',
  size: 'size differs',
  time: 'time differs',
  type: 'type differs',
  target: 'link target differs',
};

async function verify(session: Session): Promise<ExitStatus> {
  const { quick = false, heal = false } = session.options;
  if (quick && heal) {
    throw new PhlbError('usage', 'A quick verify is not enough to heal', { hint: 'leave --quick out' });
  }
  const snapshots = session.operands.map(operand => snapshotOperand(operand, session));
  const result = await session.callOrReport('verify', { location: session.location, snapshots, quick, heal });
  if (typeof result === 'number') return result;
  for (const note of result.notes) session.terminal.diagnose(note);
  const mended = new Set(result.healed.map(nameOf));
  if (session.json) await session.printJson(verifyJson(result));
  else await session.printLines([...damageLines(result, mended), ...(session.quiet ? [] : [summary(result, heal)])]);
  return result.damaged.every(one => mended.has(nameOf(one))) ? ExitStatus.done : ExitStatus.incomplete;
}

function verifyJson({ snapshots, filesChecked, bytesChecked, damaged, healed }: VerifyResult): object {
  return {
    snapshots,
    filesChecked,
    bytesChecked,
    damaged: damaged.map(({ snapshot, path, problem }) => ({ snapshot, path, problem })),
    healed: healed.map(({ snapshot, path }) => ({ snapshot, path })),
  };
}

// A healed file stays in `damaged`, as what was found.
function damageLines({ damaged }: VerifyResult, mended: ReadonlySet<string>): string[] {
  return table(
    damaged.map(one => {
      const { snapshot, path, problem } = one;
      const word = path === '' ? 'record or manifest cannot be read' : WORDS[problem];
      return [mended.has(nameOf(one)) ? `${word}, healed` : word, printable(snapshot), printable(path)];
    }),
  );
}

function summary(result: VerifyResult, heal: boolean): string {
  const { snapshots, filesChecked, bytesChecked, damaged, healed } = result;
  const found = damaged.length === 0 ? 'no damage' : `${damaged.length.toLocaleString('en')} damaged`;
  const mended = heal && damaged.length > 0 ? `, ${healed.length.toLocaleString('en')} healed` : '';
  return `Verified ${count(snapshots, 'snapshot')}, ${count(filesChecked, 'file')}, ${size(bytesChecked)}: ${found}${mended}`;
}

function nameOf({ snapshot, path }: { snapshot: string; path: string }): string {
  return `${snapshot}/${path}`;
}
