// Who is measured, and how each is called: as its users do, with its defaults, but without encryption where it can.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { installMissing } from './install.mjs';

/**
 * A command is what stands in the tables, and its arguments at a place (round.mjs). `flush`: it does not flush its data
 * itself, so that on a disk `sync -f` belongs to it.
 * setup(place): the command that makes an empty repository, untimed.
 * check(row, output, tree): throws if the work that was measured is not the work that was meant.
 */
const all = [
  {
    id: 'phlb',
    program: process.execPath,
    commands: {
      first: { label: 'phlb backup', args: phlbBackup },
      unchanged: { label: 'phlb backup', args: phlbBackup },
    },
    check: checkPhlb,
  },
  {
    id: 'cp',
    program: 'cp',
    version: ['--version'],
    commands: {
      first: { label: 'cp -a', flush: true, args: ({ tree, next }) => ['-a', tree, next] },
      unchanged: { label: 'cp -al', flush: true, args: ({ last, next }) => ['-al', last, next] },
    },
  },
  {
    id: 'rsync',
    program: 'rsync',
    package: 'rsync',
    version: ['--version'],
    commands: {
      first: { label: 'rsync -a', flush: true, args: ({ tree, next }) => ['-a', `${tree}/`, `${next}/`] },
      unchanged: {
        label: 'rsync -a --link-dest',
        flush: true,
        args: ({ tree, last, next }) => ['-a', `--link-dest=${last}`, `${tree}/`, `${next}/`],
      },
    },
  },
  {
    id: 'restic',
    program: 'restic',
    package: 'restic',
    version: ['version'],
    setup: ({ folder }) => [...restic(folder), 'init', '--quiet'],
    commands: {
      first: { label: 'restic backup', args: resticBackup },
      unchanged: { label: 'restic backup', args: resticBackup },
    },
  },
  {
    id: 'borg',
    program: 'borg',
    package: 'borgbackup',
    version: ['--version'],
    setup: ({ folder }) => ['init', '-e', 'none', join(folder, 'repository')],
    commands: {
      first: { label: 'borg create', args: borgCreate },
      unchanged: { label: 'borg create', args: borgCreate },
    },
  },
];

/** @returns those that are here, each with its `version`, and as `remarks` those that are not */
export async function findContestants() {
  const missing = await installMissing(all.filter(one => one.package));
  const contestants = all
    .filter(one => !missing.includes(one))
    .map(one => ({ ...one, version: one.version ? firstLine(one.program, one.version) : undefined }));
  const remarks = missing.map(one => `${one.id}: not measured, it is not installed (Debian package ${one.package})`);
  return { contestants, remarks };
}

function firstLine(program, args) {
  return execFileSync(program, args, { encoding: 'utf8' }).split('\n')[0].trim();
}

function phlbBackup({ program, folder, tree }) {
  const options = ['--root', join(folder, 'root'), '--index', join(folder, 'index'), '--quiet', '--json'];
  return [join(program, 'cli.js'), 'backup', tree, ...options];
}

function checkPhlb(row, output, tree) {
  const [snapshot] = JSON.parse(output).snapshots;
  const counts = [snapshot.files, snapshot[row.everyFile ?? 'files']];
  if (snapshot.published && snapshot.errors.length === 0 && counts.every(count => count === tree.files)) return;
  throw new Error(`phlb backup (${row.id}) of ${tree.files} files did something else: ${output}`);
}

function resticBackup({ folder, tree }) {
  return [...restic(folder), 'backup', '--quiet', tree];
}

function restic(folder) {
  return ['--repo', join(folder, 'repository')];
}

function borgCreate({ folder, tree, next }) {
  return ['create', `${join(folder, 'repository')}::${next.split('/').pop()}`, tree];
}
