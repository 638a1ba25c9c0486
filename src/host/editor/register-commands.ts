import * as vscode from 'vscode';
import {
  Command,
  ELSE_OF_ACTIVE_EDITOR,
  NEEDS_ARGUMENT,
  type CommandHandlers,
  type CommandId,
  type PhlbApi,
} from '../../contributions.js';
import { Disposables } from './disposables.js';
import { PhlbError } from '../../engine/words/errors.js';
import { errorDetail, errorText, isCancelled } from './error-text.js';
import type { Messages } from './messages.js';
import { plainText } from './plain-text.js';

/**
 * Registers every command. What goes wrong is told a person here, and the command is done (the editor would put a second
 * message beside it); of one that was called with arguments it is logged and rejected. A cancelled command resolves to
 * `undefined`.
 */
export function registerCommands(
  handlers: CommandHandlers,
  messages: Messages,
  log: vscode.LogOutputChannel,
): vscode.Disposable {
  const registered = new Disposables();
  for (const [id, handler] of entries(handlers)) {
    registered.add(
      vscode.commands.registerCommand(id, async (...args: unknown[]) => {
        try {
          if (isOfForgottenNode(id, args)) throw noLongerThere();
          return await call(id, handler, args);
        } catch (error) {
          if (isCancelled(error)) return undefined;
          if (hasArguments(args)) {
            log.error(`${id}: ${errorDetail(error)}`);
            // A key binding's is shown by the editor, which makes links of what looks like one.
            throw new Error(plainText(errorText(error)), { cause: error });
          }
          const again = (): PromiseLike<unknown> => vscode.commands.executeCommand(id, ...args);
          messages.failure(vscode.l10n.t('PHLB could not do this.'), error, again);
          return undefined;
        }
      }),
    );
  }
  return registered;
}

/** The same handlers as functions for scripts and other extensions. A cancelled one resolves to `undefined`. */
export function scriptApi(handlers: CommandHandlers, log: vscode.LogOutputChannel): PhlbApi {
  const functions = entries(handlers).map(([id, handler]) => {
    const guarded = async (...args: unknown[]): Promise<unknown> => {
      try {
        return await call(id, handler, args);
      } catch (error) {
        if (isCancelled(error)) return undefined;
        log.error(`API, ${id}: ${errorDetail(error)}`);
        throw error;
      }
    };
    return [id, guarded] as const;
  });
  const byId = Object.fromEntries(functions) as CommandHandlers;
  const byName = Object.fromEntries(Object.entries(Command).map(([name, id]) => [name, byId[id]]));
  return Object.freeze({ ...byId, ...byName }) as PhlbApi;
}

type Handler = (...args: unknown[]) => Promise<unknown>;

function entries(handlers: CommandHandlers): [CommandId, Handler][] {
  return Object.entries(handlers) as [CommandId, Handler][];
}

function call(id: CommandId, handler: Handler, args: unknown[]): Promise<unknown> {
  if (!(id in NEEDS_ARGUMENT) || (args[0] !== undefined && args[0] !== null)) return handler(...args);
  throw noLongerThere();
}

/**
 * Whether a menu was opened on a node, or with some selected, that the tree had forgotten when the command was chosen, since
 * it is being read again. A tree's menu gives two arguments, the palette and keys none (seen in VS Code 1.139).
 */
function isOfForgottenNode(id: CommandId, args: readonly unknown[]): boolean {
  const [node, selected] = args;
  if (Array.isArray(selected) && selected.includes(undefined)) return true;
  return id in ELSE_OF_ACTIVE_EDITOR && args.length > 1 && node === undefined;
}

function noLongerThere(): PhlbError {
  return new PhlbError('usage', vscode.l10n.t('What was chosen is no longer there. Choose it once more.'));
}

/**
 * Whether a command was called with arguments, by an extension, a key binding or a link. Menus pass tree nodes, or an
 * address with a second argument (the selection, the editor group), and never a text; the palette passes nothing. It
 * decides who is told what, never whether something is asked: anybody can pass something that looks like a node.
 */
export function hasArguments([first, second]: readonly unknown[]): boolean {
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
