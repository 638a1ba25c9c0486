import { PhlbError } from '../engine/errors.js';
import { backupCommand } from './backup.js';
import type { Command } from './command.js';
import { listCommand } from './list.js';
import { lsCommand } from './ls.js';
import { restoreCommand } from './restore.js';
import { verifyCommand } from './verify.js';

/** In the order of the help. */
export const COMMANDS: readonly Command[] = [backupCommand, listCommand, lsCommand, restoreCommand, verifyCommand];

/** Throws `usage` when there is none of that name. */
export function findCommand(name: string): Command {
  const command = COMMANDS.find(candidate => candidate.name === name);
  if (!command) throw new PhlbError('usage', `Unknown command: ${name}`, { hint: 'see phlb --help' });
  return command;
}
