// Other ways to back up, called as their users do: with their defaults, but without encryption where that can be had.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * `commands`, by kind of work: `first`, a first snapshot; `next`, one more after it; `links`, one more where nothing has
 * changed, without looking. A command is what stands in the tables, and its arguments at a place (harness/round.mjs). `flush`: it
 * does not flush its data itself, so that on a disk `sync -f` belongs to it.
 * setup(place): makes an empty repository, untimed; what it returns is run.
 */
export const peers = [
  {
    id: 'cp',
    program: 'cp',
    version: ['--version'],
    commands: {
      first: { label: 'cp -a', flush: true, args: ({ tree, next }) => ['-a', tree, next] },
      links: { label: 'cp -al', flush: true, args: ({ last, next }) => ['-al', last, next] },
    },
  },
  {
    id: 'rsync',
    program: 'rsync',
    package: 'rsync',
    version: ['--version'],
    commands: {
      first: { label: 'rsync -a', flush: true, args: ({ tree, next }) => ['-a', `${tree}/`, `${next}/`] },
      next: {
        label: 'rsync -a --link-dest',
        flush: true,
        args: ({ tree, last, next }) => ['-a', `--link-dest=${last}`, `${tree}/`, `${next}/`],
      },
    },
  },
  {
    id: 'rsnapshot',
    program: 'rsnapshot',
    package: 'rsnapshot',
    version: ['version'],
    setup: configureRsnapshot,
    commands: {
      first: { label: 'rsnapshot', flush: true, args: rsnapshot },
      next: { label: 'rsnapshot', flush: true, args: rsnapshot },
    },
  },
  {
    id: 'restic',
    program: 'restic',
    package: 'restic',
    version: ['version'],
    setup: place => [...restic(place), 'init', '--quiet'],
    commands: {
      first: { label: 'restic backup', args: resticBackup },
      next: { label: 'restic backup', args: resticBackup },
    },
  },
  {
    id: 'borg',
    program: 'borg',
    package: 'borgbackup',
    version: ['--version'],
    setup: ({ folder }) => ['init', '-e', 'none', repository(folder)],
    commands: {
      first: { label: 'borg create', args: borgCreate },
      next: { label: 'borg create', args: borgCreate },
    },
  },
];

// Its way out of the box: `cp -al` of the last snapshot, then rsync into the copy.
function configureRsnapshot({ folder, tree }) {
  const settings = [
    ['config_version', '1.2'],
    ['snapshot_root', `${join(folder, 'snapshots')}/`],
    ['cmd_cp', '/bin/cp'],
    ['cmd_rsync', '/usr/bin/rsync'],
    ['lockfile', join(folder, 'rsnapshot.pid')],
    ['retain', 'alpha', '100'],
    ['backup', `${tree}/`, './'],
  ];
  writeFileSync(configuration(folder), settings.map(words => `${words.join('\t')}\n`).join(''));
}

function rsnapshot({ folder }) {
  return ['-c', configuration(folder), 'alpha'];
}

function configuration(folder) {
  return join(folder, 'rsnapshot.conf');
}

function resticBackup(place) {
  return [...restic(place), 'backup', '--quiet', place.tree];
}

function restic({ folder }) {
  return ['--repo', repository(folder)];
}

function borgCreate({ folder, tree, next }) {
  return ['create', `${repository(folder)}::${next.split('/').pop()}`, tree];
}

function repository(folder) {
  return join(folder, 'repository');
}
