import { Command } from './command.js';
import type { Session } from './session.js';
import { ExitStatus } from './status.js';
import { count } from './text.js';

export const rebuildCommand = new Command({
  name: 'rebuild',
  synopsis: 'rebuild',
  summary: 'rebuild the index from the manifests',
  operands: { min: 0, max: 0 },
  options: ['rehash'],
  optionHelp: [['--rehash', 'also rebuild missing or unreadable manifests and records, from the trees']],
  notes: [
    'With --rehash, a folder of snapshots becomes a backup location, also that of an older PyHardLinkBackup. Files are only read.',
  ],
  run: rebuild,
});

async function rebuild(session: Session): Promise<ExitStatus> {
  const result = await session.callOrReport('rebuild', {
    location: session.location,
    rehash: session.options.rehash === true,
  });
  if (typeof result === 'number') return result;
  for (const note of result.notes) session.terminal.diagnose(note);
  session.reportErrors(result.errors);
  const { snapshots, entries, errors } = result;
  if (session.json) await session.printJson({ snapshots, entries, errors });
  else if (!session.quiet) {
    await session.printLines([
      `The index holds ${count(snapshots, 'snapshot')}, ${count(entries, 'version')} of files and folders`,
    ]);
  }
  return errors.length > 0 ? ExitStatus.incomplete : ExitStatus.done;
}
