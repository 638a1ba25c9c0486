import * as vscode from 'vscode';
import type { CommandHandlers, CommandId } from '../contributions.js';
import { Disposables } from './disposables.js';
import { errorDetail, isCancelled } from './errorText.js';
import type { Messages } from './messages.js';

/**
 * Registers every command. What goes wrong is told a person here, and the command is done (the editor would put a second
 * message beside it); a script's is logged and rejected. A cancelled command resolves to `undefined`.
 */
export function registerCommands(
  handlers: CommandHandlers,
  messages: Messages,
  log: vscode.LogOutputChannel,
): vscode.Disposable {
  const registered = new Disposables();
  for (const id of Object.keys(handlers) as CommandId[]) {
    const handler = handlers[id] as (...args: unknown[]) => Promise<unknown>;
    registered.add(
      vscode.commands.registerCommand(id, async (...args: unknown[]) => {
        try {
          return await handler(...args);
        } catch (error) {
          if (isCancelled(error)) return undefined;
          if (isScripted(args)) {
            log.error(`${id}: ${errorDetail(error)}`);
            throw error;
          }
          messages.failure(vscode.l10n.t('PHLB could not do this.'), error);
          return undefined;
        }
      }),
    );
  }
  return registered;
}

/**
 * Whether a command was called with arguments by a script, which is asked nothing. Menus pass tree nodes, or an address
 * with a second argument (the selection, the editor group), and never a text; the palette passes nothing.
 */
export function isScripted([first, second]: readonly unknown[]): boolean {
  if (typeof first === 'string') return true;
  const alone = second === undefined || typeof second === 'string' || second instanceof vscode.Uri;
  return first instanceof vscode.Uri && alone;
}

/** The selection that the Explorer passes along with the item whose menu was used; empty for anything else. */
export function selectedUris(menu: unknown): vscode.Uri[] {
  return Array.isArray(menu) ? menu.filter(item => item instanceof vscode.Uri) : [];
}

/** Runs one of PHLB's commands as a person would. */
export function runCommand(id: CommandId): Thenable<unknown> {
  return vscode.commands.executeCommand(id);
}
