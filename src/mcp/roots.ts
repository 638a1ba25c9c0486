/** Which folders the client has open: its roots, where it offers them. */
import {
  CLIENT_CAPABILITIES_META_KEY,
  inputResponse,
  type Server,
  type ServerContext,
} from '@modelcontextprotocol/server';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { PhlbError } from '../engine/words/errors.js';

/** Longer than any client needs to look up what it has open, ms. */
const PATIENCE_MS = 10_000;
const MOST_ROOTS = 100;
const LONGEST_URI = 8192;

/** The key of the question in what a client of the revision of 2026-07-28 is asked, and answers. */
export const ROOTS_QUESTION = 'roots';

const capabilities = z.object({ roots: z.unknown().optional() });
const changing = z.object({ listChanged: z.literal(true) });
const listed = z.object({ roots: z.array(z.object({ uri: z.string() })) });

/**
 * The roots of one connection. A client of the revisions up to 2025 is asked for them, again after each
 * `roots/list_changed`; one of 2026-07-28 answers with the call itself (`input_required`).
 */
export class ClientRoots {
  /** as told last */
  private known: Promise<string[]> | undefined;

  constructor(private readonly server: Server) {}

  /** They may be others by now. */
  forget(): void {
    this.known = undefined;
  }

  /**
   * Absolute paths of the open folders; `none`: the client offers no roots; `ask`: it wants to be asked in the answer.
   * @throws PhlbError `usage` when it offers them and does not tell them
   */
  async folders(context: ServerContext): Promise<string[] | 'none' | 'ask'> {
    const { envelope, inputResponses } = context.mcpReq;
    const offered = capabilities.safeParse(
      envelope ? valueAt(envelope, CLIENT_CAPABILITIES_META_KEY) : this.server.getClientCapabilities(),
    );
    if (offered.data?.roots === undefined) return 'none';
    if (!envelope) return this.listed(context, changing.safeParse(offered.data.roots).success);
    const answer = inputResponse(inputResponses, ROOTS_QUESTION);
    if (answer.kind !== 'roots') return 'ask';
    const told = foldersIn(answer);
    this.known = Promise.resolve(told);
    return told;
  }

  /** Those that are known without a question in an answer: for what cannot have one. */
  async knownFolders(context: ServerContext): Promise<string[] | 'none'> {
    const folders = await this.folders(context);
    return folders === 'ask' ? ((await this.known) ?? []) : folders;
  }

  private async listed(context: ServerContext, tellsChanges: boolean): Promise<string[]> {
    if (this.known && tellsChanges) return this.known;
    const asked = ask(context);
    this.known = asked;
    try {
      return await asked;
    } catch (error) {
      if (this.known === asked) this.known = undefined;
      throw error;
    }
  }
}

// Not stopped with the call: others wait for the same answer.
async function ask({ mcpReq: { send } }: ServerContext): Promise<string[]> {
  try {
    return foldersIn(await send({ method: 'roots/list' }, listed, { timeout: PATIENCE_MS }));
  } catch (cause) {
    throw new PhlbError('usage', 'The client does not tell which folders are open', { cause });
  }
}

// What is no folder of this computer is passed over, as other editors' and servers' are.
function foldersIn(answer: unknown): string[] {
  const { data } = listed.safeParse(answer);
  if (!data) throw new PhlbError('usage', 'The client does not tell which folders are open');
  return data.roots.slice(0, MOST_ROOTS).flatMap(({ uri }) => folderOf(uri) ?? []);
}

function folderOf(uri: string): string | undefined {
  if (!/^file:\/\//i.test(uri) || uri.length > LONGEST_URI) return undefined;
  try {
    const path = fileURLToPath(uri);
    return path.includes('\0') ? undefined : path;
  } catch (error) {
    // Of another computer, or no path of this one's.
    if (error instanceof TypeError || error instanceof URIError) return undefined;
    throw error;
  }
}

function valueAt(record: object, key: string): unknown {
  return (record as Record<string, unknown>)[key];
}
