import type { Problem, VerifyResult } from '../engine/model.js';
import { snapshotOperand } from './operands.js';
import type { Session } from './session.js';
import { ExitStatus } from './status.js';
import { count, printable, size, table } from './text.js';
import { Command } from './command.js';

export const verifyCommand = new Command({
  name: 'verify',
  synopsis: 'verify [snapshot...]',
  summary: 'compare stored files with what was recorded of them',
  operands: { min: 0, max: Infinity },
  options: ['quick'],
  optionHelp: [['--quick', 'sizes, times and presence only']],
  notes: ['Without a snapshot, all of them are verified.'],
  run: verify,
});

const WORDS: Record<Problem, string> = {
  content: 'content differs',
  missing: 'missing',
  extra: 'not part of the snapshot',
  size: 'size differs',
  type: 'of another type',
  target: 'link target differs',
};

async function verify(session: Session): Promise<ExitStatus> {
  const result = await session.callOrReport('verify', {
    place: session.place,
    snapshots: session.operands.map(snapshotOperand),
    quick: session.options.quick === true,
  });
  if (typeof result === 'number') return result;
  if (session.json) await session.printJson(verifyJson(result));
  else await session.printLines([...damageLines(result), ...(session.quiet ? [] : [summary(result)])]);
  return leftDamage(result) > 0 ? ExitStatus.incomplete : ExitStatus.done;
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

function damageLines({ damaged }: VerifyResult): string[] {
  return table(damaged.map(({ snapshot, path, problem }) => [WORDS[problem], printable(snapshot), printable(path)]));
}

function summary(result: VerifyResult): string {
  const { snapshots, filesChecked, bytesChecked, damaged } = result;
  const found = damaged.length === 0 ? 'no damage' : `${damaged.length.toLocaleString('en')} damaged`;
  return `Verified ${count(snapshots, 'snapshot')}, ${count(filesChecked, 'file')}, ${size(bytesChecked)}: ${found}`;
}

// A healed file stays in `damaged`, as what was found.
function leftDamage({ damaged, healed }: VerifyResult): number {
  const mended = new Set(healed.map(({ snapshot, path }) => `${snapshot}\0${path}`));
  return damaged.filter(({ snapshot, path }) => !mended.has(`${snapshot}\0${path}`)).length;
}
