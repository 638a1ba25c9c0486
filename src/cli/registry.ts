import { PhlbError } from '../engine/words/errors.js';
import { agentCommand } from './agent.js';
import { labelCommand, pinCommand, unpinCommand } from './annotate.js';
import { backupCommand } from './backup.js';
import type { Command } from './command.js';
import { deleteCommand } from './delete.js';
import { diffCommand } from './diff.js';
import { findPathsCommand } from './find.js';
import { grepCommand } from './grep.js';
import { listCommand } from './list.js';
import { lsCommand } from './ls.js';
import { mcpCommand } from './mcp.js';
import { offsiteCommand } from './offsite.js';
import { pruneCommand } from './prune.js';
import { purgeCommand } from './purge.js';
import { rebuildCommand } from './rebuild.js';
import { restoreCommand } from './restore.js';
import { statsCommand } from './stats.js';
import { undoCommand } from './undo.js';
import { verifyCommand } from './verify.js';
import { versionsCommand } from './versions.js';

/** In the order of the help. */
export const COMMANDS: readonly Command[] = [
  backupCommand,
  listCommand,
  lsCommand,
  diffCommand,
  versionsCommand,
  findPathsCommand,
  grepCommand,
  restoreCommand,
  undoCommand,
  verifyCommand,
  deleteCommand,
  pruneCommand,
  labelCommand,
  pinCommand,
  unpinCommand,
  purgeCommand,
  rebuildCommand,
  offsiteCommand,
  mcpCommand,
  agentCommand,
  statsCommand,
];

/** Throws `usage` when there is none of that name. */
export function findCommand(name: string): Command {
  const command = COMMANDS.find(candidate => candidate.name === name);
  if (!command) throw new PhlbError('usage', `Unknown command: ${name}`, { hint: 'see phlb --help' });
  return command;
}
