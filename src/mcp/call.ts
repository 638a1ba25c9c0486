/** One call of a client, to its end: whose, how far it is, what it may see, and what is answered. */
import {
  CLIENT_INFO_META_KEY,
  inputRequired,
  type CallToolResult,
  type InputRequiredResult,
  type Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import * as z from 'zod';
import { PhlbError } from '../engine/words/errors.js';
import { exactNames } from '../engine/words/exact-names.js';
import type { ListResult, Progress, StoreLocation } from '../engine/words/model.js';
import { printable } from '../engine/words/printable.js';
import { fitCause } from '../engine/words/turns.js';
import type { EngineClient } from '../worker/client.js';
import type { CallName, Calls, ItemOf } from '../worker/protocol.js';
import { Gate } from './gate.js';
import { progressOf } from './progress.js';
import { ClientRoots, ROOTS_QUESTION } from './roots.js';
import { Scope, type ScopeBounds } from './scope.js';

/** What the server works with, for all of its life. */
export interface Surroundings extends ScopeBounds {
  engine: EngineClient;
  location: StoreLocation;
}

/** The engine does so many at once; each takes threads of its own. */
const MOST_AT_ONCE = 4;
const MOST_WAITING = 64;
const LONGEST_ERROR = 2000;

const named = z.object({ name: z.string() });

/** What a tool or a resource works with. */
export interface ClientCall {
  readonly scope: Scope;
  readonly location: StoreLocation;
  /** the client's name, one line */
  readonly client: string;
  /** One call to the engine, cancelled with the client's or by `limit`, and telling its progress. */
  engine<N extends CallName>(name: N, request: Calls[N][0], options?: EngineOptions<N>): Promise<Calls[N][1]>;
}

interface EngineOptions<N extends CallName> {
  limit?: AbortSignal;
  /** takes what comes before the result */
  onItems?: (items: readonly ItemOf<N>[]) => void;
}

/** The calls of one connection. */
export class ClientCalls {
  private readonly gate = new Gate(MOST_AT_ONCE, MOST_WAITING);
  private readonly roots: ClientRoots;

  constructor(
    private readonly server: Server,
    private readonly surroundings: Surroundings,
  ) {
    this.roots = new ClientRoots(server);
    server.setNotificationHandler('notifications/roots/list_changed', () => this.roots.forget());
  }

  /** A tool's call. It fails with one plain line, which the agent is told. @param act returns a document */
  async answer(
    context: ServerContext,
    act: (call: ClientCall) => Promise<object>,
  ): Promise<CallToolResult | InputRequiredResult> {
    try {
      const folders = await this.roots.folders(context);
      if (folders === 'ask') return rootsQuestion();
      const document = exactNames(await this.run(context, folders, act)) as Record<string, unknown>;
      return { content: [{ type: 'text', text: JSON.stringify(document) }], structuredContent: document };
    } catch (error) {
      return { content: [{ type: 'text', text: why(error) }], isError: true };
    }
  }

  /** A resource's reading, whose answer can be a question. @throws what `act` does */
  async read<T>(context: ServerContext, act: (call: ClientCall) => Promise<T>): Promise<T | InputRequiredResult> {
    const folders = await this.roots.folders(context);
    return folders === 'ask' ? rootsQuestion() : this.run(context, folders, act);
  }

  /** What cannot be answered with a question. @throws what `act` does */
  async look<T>(context: ServerContext, act: (call: ClientCall) => Promise<T>): Promise<T> {
    return this.run(context, await this.roots.knownFolders(context), act);
  }

  private run<T>(
    context: ServerContext,
    folders: string[] | 'none',
    act: (call: ClientCall) => Promise<T>,
  ): Promise<T> {
    const { signal } = context.mcpReq;
    return this.gate.pass(signal, async () => {
      const { engine, location } = this.surroundings;
      const progress = progressOf(context);
      const call = <N extends CallName>(
        name: N,
        request: Calls[N][0],
        { limit, onItems }: EngineOptions<N> = {},
      ): Promise<Calls[N][1]> =>
        engine.call(name, request, {
          signal: limit ? AbortSignal.any([signal, limit]) : signal,
          onProgress: (at: Progress) => progress(at),
          ...(onItems ? { onItems } : {}),
        });
      const list = (): Promise<ListResult> => call('list', { location, all: true });
      return act({
        scope: await Scope.of(this.surroundings, folders, list),
        location,
        client: this.clientOf(context),
        engine: call,
      });
    });
  }

  private clientOf({ mcpReq: { envelope } }: ServerContext): string {
    const info: unknown = envelope
      ? (envelope as Record<string, unknown>)[CLIENT_INFO_META_KEY]
      : this.server.getClientVersion();
    const name = named.safeParse(info).data?.name ?? '';
    return fitCause(name) ?? 'agent';
  }
}

/** One plain line for the client. */
export function why(error: unknown): string {
  const line = PhlbError.is(error)
    ? error.line
    : `Unexpected error: ${error instanceof Error ? error.message : String(error)}`;
  return printable(line).slice(0, LONGEST_ERROR);
}

function rootsQuestion(): InputRequiredResult {
  return inputRequired({ inputRequests: { [ROOTS_QUESTION]: inputRequired.listRoots() } });
}
