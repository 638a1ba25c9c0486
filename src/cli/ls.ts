import type { EntryType, LsEntry } from '../engine/words/model.js';
import { snapshotOperand } from './operands.js';
import type { Session } from './session.js';
import { ExitStatus } from './status.js';
import { localTime, printable, table } from './text.js';
import { Command } from './command.js';

export const lsCommand = new Command({
  name: 'ls',
  synopsis: 'ls <snapshot> [path]',
  summary: 'everything a snapshot holds below a path, with the true modes and times',
  operands: { min: 1, max: 2, first: 'a snapshot' },
  options: [],
  optionHelp: [],
  run: ls,
});

const TYPE_LETTER: Record<EntryType, string> = { file: '-', dir: 'd', link: 'l', fifo: 'p', socket: 's', device: 'D' };

async function ls(session: Session): Promise<ExitStatus> {
  const [snapshot = '', path] = session.operands;
  const result = await session.callOrReport('ls', {
    location: session.location,
    snapshot: snapshotOperand(snapshot, session),
    ...(path === undefined ? {} : { path }),
  });
  if (typeof result === 'number') return result;
  if (session.json) await session.printJson({ entries: result.entries.map(entryJson) });
  else await session.printLines(table(result.entries.map(row), [1]));
  return ExitStatus.done;
}

function entryJson({ path, type, size, mtime, mode, sha256, target }: LsEntry): object {
  return { path, type, size, mtime, mode, sha256, target };
}

function row({ path, type, size, mtime, mode, target }: LsEntry): string[] {
  const pointer = target === undefined ? '' : ` -> ${printable(target)}`;
  const length = type === 'file' ? String(size) : '';
  return [`${TYPE_LETTER[type]}${mode}`, length, localTime(mtime), `${printable(path)}${pointer}`];
}
