import { basename } from 'node:path';
import { notPublished } from '../engine/words/counts.js';
import { PhlbError } from '../engine/words/errors.js';
import { LONGEST_LABEL } from '../engine/words/label.js';
import type { BackupRequest, BackupResult } from '../engine/words/model.js';
import { rulesFrom } from './rules.js';
import { failure, type Session } from './session.js';
import { exitStatus, ExitStatus, worstStatus } from './status.js';
import { count, size } from './text.js';
import { Command } from './command.js';

export const backupCommand = new Command({
  name: 'backup',
  synopsis: 'backup <folder>...',
  summary: 'take a snapshot of each folder',
  operands: { min: 1, max: Infinity, first: 'a folder' },
  options: [
    'name',
    'adopt',
    'exclude',
    'no-default-excludes',
    'gitignore',
    'max-size',
    'one-file-system',
    'checksum',
    'skip-unchanged',
    'label',
    'cause',
    'turn',
    'before',
    'dry-run',
    'init',
    'no-sync',
    'protect-folders',
    'no-protect-folders',
  ],
  optionHelp: [
    ['--name NAME', "the source's name in the backup location (default: the folder's name)"],
    ['--adopt', 'continue the history of the source of that name, which was at another path'],
    [
      '--exclude GLOB',
      'leave out, besides the defaults: x at the top only, **/x at any depth, x/ folders only; may be repeated',
    ],
    ['--no-default-excludes', 'do not leave out node_modules, .venv and other folders that tools can create again'],
    ['--gitignore', 'leave out what .gitignore files name (.phlbignore files are always obeyed)'],
    ['--max-size SIZE', 'leave out larger files: 500k, 20M, 1.5G, 2T (of 1024), or "none"'],
    ['--one-file-system', 'do not cross into other filesystems'],
    ['--checksum', 'read every file, whatever its times say'],
    ['--skip-unchanged', 'take no snapshot when nothing has changed'],
    ['--label TEXT', `a name for the snapshot: one line of at most ${LONGEST_LABEL} characters`],
    ['--cause TEXT', 'who or what takes the snapshot, such as the name of a coding agent'],
    [
      '--turn ID',
      'the snapshot is of this turn of an agent: its first shows how things were before, later ones what it changed',
    ],
    ['--before', 'with --turn: what has changed since its last snapshot was not the turn'],
    ['--dry-run', 'show what would be stored, but store nothing'],
    ['--init', 'start anew where a known backup location is missing, or beside backups that are not listed'],
    ['--protect-folders', 'from now on folders of new snapshots are read-only: rm -rf fails until chmod -R u+w'],
    ['--no-protect-folders', 'from now on they are not'],
    ['--no-sync', 'do not wait until everything is on the disk: faster, but a power loss may cost the snapshot'],
  ],
  notes: [
    'A source remembers what it leaves out: a run without such options uses those of the last one; a run with any',
    'of --exclude, --no-default-excludes, --gitignore, --max-size, --one-file-system sets them all. A GLOB is taken from',
    'the top of the folder; --dry-run names those that leave nothing out.',
    'With --turn and --skip-unchanged, where nothing has changed the newest snapshot counts as one of the turn, too.',
    'phlb undo --turn ID takes back what the turn has changed; phlb diff --turn ID shows it.',
    'With --no-sync, what is newly stored may be missing or empty after a power loss or a crash of the system in the',
    'following half minute or so (verify finds it). A run that is killed leaves nothing half done, with or without it.',
  ],
  run: backup,
});

async function backup(session: Session): Promise<ExitStatus> {
  const folders = [...new Set(session.operands.map(operand => session.absolute(operand)))];
  const { name } = session.options;
  if (name !== undefined && folders.length > 1) {
    throw new PhlbError('usage', '--name can name only one folder', { hint: 'back up the others separately' });
  }
  const shared = sharedRequest(session);
  const statuses: ExitStatus[] = [];
  const snapshots: object[] = [];
  for (const source of folders) {
    const startedAt = new Date().toISOString();
    try {
      const result = await session.call('backup', { ...shared, source });
      snapshots.push(snapshotJson(result));
      statuses.push(result.errors.length > 0 ? ExitStatus.incomplete : ExitStatus.done);
      await report(session, result);
    } catch (error) {
      session.fail(error);
      snapshots.push(snapshotJson(notPublished({ name: name ?? basename(source), source, startedAt }, failure(error))));
      statuses.push(exitStatus(error));
      if (PhlbError.is(error, 'cancelled')) break;
    }
  }
  if (session.json) await session.printJson({ snapshots });
  return worstStatus(statuses);
}

function sharedRequest({ location, options }: Session): Omit<BackupRequest, 'source'> {
  if (options.before === true && options.turn === undefined) {
    throw new PhlbError('usage', '--before says something of a turn', { hint: 'name it with --turn' });
  }
  const turn =
    options.turn === undefined
      ? undefined
      : { id: options.turn, ...(options.before ? { part: 'before' as const } : {}) };
  const rules = rulesFrom(options);
  return {
    location,
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.label === undefined ? {} : { label: options.label }),
    ...(options.cause === undefined ? {} : { cause: options.cause }),
    ...(turn === undefined ? {} : { turn }),
    ...(rules === undefined ? {} : { rules }),
    adopt: options.adopt === true,
    checksum: options.checksum === true,
    skipUnchanged: options['skip-unchanged'] === true,
    dryRun: options['dry-run'] === true,
    init: options.init === true,
    flush: options['no-sync'] !== true,
    ...protection(options),
  };
}

function protection(options: Session['options']): Pick<BackupRequest, 'protectFolders'> {
  const [on, off] = [options['protect-folders'] === true, options['no-protect-folders'] === true];
  if (on && off) throw new PhlbError('usage', 'Folders are either protected or not', { hint: 'leave one option out' });
  return on || off ? { protectFolders: on } : {};
}

function snapshotJson(result: BackupResult): object {
  return {
    id: result.id,
    name: result.name,
    source: result.source,
    path: result.path,
    startedAt: result.startedAt,
    finishedAt: result.finishedAt,
    published: result.published,
    files: result.files,
    directories: result.directories,
    symlinks: result.symlinks,
    bytes: result.bytes,
    unchangedFiles: result.unchangedFiles,
    linkedFiles: result.linkedFiles,
    copiedFiles: result.copiedFiles,
    copiedBytes: result.copiedBytes,
    linkedBytes: result.linkedBytes,
    excluded: result.excluded.map(({ rule, directories, files }) => ({ rule, directories, files })),
    damaged: result.damaged.map(({ path, snapshot }) => ({ path, snapshot })),
    warnings: result.warnings.map(({ code, message }) => ({ code, message })),
    errors: result.errors.map(({ path, code, message }) => ({ path, code, message })),
  };
}

async function report(session: Session, result: BackupResult): Promise<void> {
  for (const note of result.notes) session.terminal.diagnose(note);
  if (session.json) return;
  for (const { path, snapshot } of result.damaged) {
    session.terminal.diagnose(`Damaged in ${snapshot}, stored again: ${path}`);
  }
  for (const { message } of result.warnings) session.terminal.diagnose(message);
  session.reportErrors(result.errors);
  if (!session.quiet) await session.printLines(summary(result, session.options['dry-run'] === true));
}

function summary(result: BackupResult, dryRun: boolean): string[] {
  if (!result.published && !dryRun) return [`${result.name}: nothing has changed, no snapshot taken`];
  const { files, directories, symlinks, bytes, unchangedFiles, linkedFiles, copiedFiles, copiedBytes } = result;
  const links = symlinks > 0 ? `, ${count(symlinks, 'symlink')}` : '';
  const lines = [
    result.id === null ? `${result.name}: dry run, nothing stored` : result.id,
    `  ${count(files, 'file')}, ${count(directories, 'directory', 'directories')}${links}, ${size(bytes)}`,
    `  ${unchangedFiles.toLocaleString('en')} unchanged, ${linkedFiles.toLocaleString('en')} known, ` +
      `${copiedFiles.toLocaleString('en')} new (${size(copiedBytes)})`,
  ];
  for (const { rule, directories: folders, files: single } of result.excluded) {
    const what = [
      ...(folders > 0 ? [count(folders, 'directory', 'directories')] : []),
      ...(single > 0 ? [count(single, 'file')] : []),
    ];
    lines.push(`  left out by ${rule}: ${what.join(', ')}`);
  }
  if (result.errors.length > 0) lines.push(`  completed with ${count(result.errors.length, 'error')}`);
  if (result.path !== null) lines.push(`  ${result.path}`);
  return lines;
}
