import type { StatsResult } from '../engine/stats.js';
import type { Session } from './session.js';
import { ExitStatus } from './status.js';
import { count, printable, size, table } from './text.js';
import { Command } from './command.js';

export const statsCommand = new Command({
  name: 'stats',
  synopsis: 'stats',
  summary: 'what the snapshots hold, and the space they take on disk',
  operands: { min: 0, max: 0 },
  options: [],
  optionHelp: [],
  notes: ['UNIQUE is what deleting that snapshot alone would free.'],
  run: stats,
});

async function stats(session: Session): Promise<ExitStatus> {
  const result = await session.callOrReport('stats', { location: session.location });
  if (typeof result === 'number') return result;
  for (const path of result.unreadable) session.terminal.diagnose(`${path}: cannot be read, so it is not counted`);
  if (session.json) await session.printJson(statsJson(result));
  else await session.printLines([...totals(result), ...snapshotLines(result)]);
  return result.unreadable.length > 0 ? ExitStatus.incomplete : ExitStatus.done;
}

function statsJson(result: StatsResult): object {
  return {
    sources: result.sources,
    snapshots: result.snapshots,
    files: result.files,
    apparentBytes: result.apparentBytes,
    storedBytes: result.storedBytes,
    savedBytes: result.savedBytes,
    allocatedBytes: result.allocatedBytes,
    overheadBytes: result.overheadBytes,
    inodes: result.inodes,
    perSnapshot: result.perSnapshot.map(({ id, uniqueBytes }) => ({ id, uniqueBytes })),
  };
}

function totals(result: StatsResult): string[] {
  const { apparentBytes, storedBytes, savedBytes, allocatedBytes, overheadBytes, inodes } = result;
  const percent = apparentBytes === 0 ? 0 : Math.floor((100 * savedBytes) / apparentBytes);
  const held = [count(result.sources, 'source'), count(result.snapshots, 'snapshot'), count(result.files, 'file')];
  return [
    held.join(', '),
    ...table(
      [
        ['Apparent', size(apparentBytes), 'if every snapshot were a full copy'],
        ['Stored', size(storedBytes), 'contents, each once'],
        ['Saved', size(savedBytes), `${percent}%`],
        ['On disk', size(allocatedBytes), count(inodes, 'inode')],
        ['Overhead', size(overheadBytes), 'of that: folders, manifests, records, leftovers'],
      ],
      [1],
    ),
  ];
}

function snapshotLines({ perSnapshot }: StatsResult): string[] {
  if (perSnapshot.length === 0) return [];
  const rows = perSnapshot.map(({ id, uniqueBytes }) => [printable(id), size(uniqueBytes)]);
  return ['', ...table([['SNAPSHOT', 'UNIQUE'], ...rows], [1])];
}
