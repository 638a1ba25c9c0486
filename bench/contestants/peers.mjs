// Other ways to back up, called as their users do: with their defaults, but without encryption where that can be had.
/** @import { Contestant, Place } from '../types.js' */
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** @type {Contestant[]} */
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
  {
    // A repository beside the folder, as coding agents keep one to go back in.
    id: 'git',
    program: 'git',
    package: 'git',
    version: ['--version'],
    setup: place => [...git(place), 'init', '--quiet'],
    commands: {
      first: { label: 'git add -A && git commit', flush: true, args: gitCommit },
      next: { label: 'git add -A && git commit', flush: true, args: gitCommit },
    },
  },
];

/** @param {Pick<Place, 'folder' | 'tree'>} place */
function git({ folder, tree }) {
  return [`--git-dir=${repository(folder)}`, `--work-tree=${tree}`];
}

/** @param {Place} place */
function gitCommit(place) {
  const commit = '!git add --all && git commit --quiet --allow-empty --message=checkpoint';
  const settings = { 'user.name': 'bench', 'user.email': 'bench@localhost', 'alias.checkpoint': commit };
  return [
    ...git(place),
    ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
    'checkpoint',
  ];
}

/**
 * Its way out of the box: `cp -al` of the last snapshot, then rsync into the copy.
 * @param {Place} place
 * @returns {undefined} nothing is to be run
 */
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

/** @param {Place} place */
function rsnapshot({ folder }) {
  return ['-c', configuration(folder), 'alpha'];
}

/** @param {string} folder */
function configuration(folder) {
  return join(folder, 'rsnapshot.conf');
}

/** @param {Place} place */
function resticBackup(place) {
  return [...restic(place), 'backup', '--quiet', place.tree];
}

/** @param {Pick<Place, 'folder'>} place */
function restic({ folder }) {
  return ['--repo', repository(folder)];
}

/** @param {Place} place */
function borgCreate({ folder, tree, next }) {
  return ['create', `${repository(folder)}::${basename(next)}`, tree];
}

/** @param {string} folder */
function repository(folder) {
  return join(folder, 'repository');
}
