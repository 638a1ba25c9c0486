import type { FileVersion } from '../engine/versions.js';
import { onDisk } from './paths.js';
import type { Session } from './session.js';
import { ExitStatus } from './status.js';
import { localTime, printable, size, table } from './text.js';
import { Command } from './command.js';

export const versionsCommand = new Command({
  name: 'versions',
  synopsis: 'versions <file>',
  summary: 'every distinct version of a file, newest first, across renames',
  operands: { min: 1, max: 1, first: 'a file' },
  options: [],
  optionHelp: [],
  notes: [
    'Name the file by its current path, in a folder that was backed up; it may be gone by now.',
    'SNAPSHOT is the oldest one that holds the version.',
  ],
  run: versions,
});

async function versions(session: Session): Promise<ExitStatus> {
  const [file = ''] = session.operands;
  const result = await session.callOrReport('versions', {
    location: session.location,
    file: onDisk(session.absolute(file), session.world.platform),
  });
  if (typeof result === 'number') return result;
  for (const id of result.unreadable) session.terminal.diagnose(`${id}: its manifest cannot be read; left out`);
  if (session.json) await session.printJson({ versions: result.versions.map(versionJson) });
  else await session.printLines(table([['SNAPSHOT', 'MODIFIED', 'SIZE', 'PATH'], ...result.versions.map(row)], [2]));
  return ExitStatus.done;
}

function versionJson({ snapshot, path, size: bytes, mtime, sha256 }: FileVersion): object {
  return { snapshot, path, size: bytes, mtime, sha256 };
}

function row(version: FileVersion): string[] {
  return [printable(version.snapshot), localTime(version.mtime), size(version.size), printable(version.path)];
}
