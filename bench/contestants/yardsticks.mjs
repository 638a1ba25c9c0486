// No backups: the least that some work takes.

/** @import { Contestant } from '../types.js' */

/** @type {Contestant[]} */
export const yardsticks = [
  {
    id: 'sha256sum',
    program: 'sh',
    commands: {
      hash: {
        label: 'sha256sum',
        args: ({ moved }) => ['-c', 'find "$@" -type f -print0 | xargs -0 sha256sum > /dev/null', 'sh', ...moved],
      },
    },
  },
  {
    id: 'find',
    program: 'sh',
    commands: {
      look: {
        label: "find -printf '%s %T@\\n'",
        args: ({ tree }) => ['-c', 'find "$0" -printf "%s %T@\\n" > /dev/null', tree],
      },
    },
  },
];
