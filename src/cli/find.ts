import type { FindMatch } from '../engine/find.js';
import type { Session } from './session.js';
import { ExitStatus } from './status.js';
import { printable, table } from './text.js';
import { Command } from './command.js';

export const findPathsCommand = new Command({
  name: 'find',
  synopsis: 'find <glob>',
  summary: 'paths that match, in all snapshots of all sources',
  operands: { min: 1, max: 1, first: 'a glob' },
  options: ['deleted'],
  optionHelp: [['--deleted', 'only what the source no longer has']],
  notes: [
    "Quote the glob. Without a slash it is compared with names at any depth ('*.odt'), with one with the path",
    "relative to the source ('letters/**/*.odt'). FIRST and LAST are the oldest and newest snapshot with that path.",
  ],
  run: find,
});

async function find(session: Session): Promise<ExitStatus> {
  const [glob = ''] = session.operands;
  const { deleted = false } = session.options;
  const result = await session.callOrReport('find', { location: session.location, glob, deleted });
  if (typeof result === 'number') return result;
  for (const id of result.unreadable) session.terminal.diagnose(`${id}: its manifest cannot be read; not searched`);
  if (session.json) await session.printJson({ matches: result.matches.map(matchJson) });
  else if (result.matches.length > 0) {
    await session.printLines(table([['FIRST', 'LAST', '', 'PATH'], ...result.matches.map(row)]));
  }
  return ExitStatus.done;
}

function matchJson({ path, type, first, last, deleted }: FindMatch): object {
  return { path, type, first, last, deleted };
}

function row({ path, type, first, last, deleted }: FindMatch): string[] {
  const name = `${printable(path)}${type === 'dir' ? '/' : ''}`;
  return [printable(first), printable(last), deleted ? 'deleted' : '', name];
}
