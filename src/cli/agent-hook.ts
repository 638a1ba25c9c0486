/** `phlb agent hook`: a snapshot before or after what an agent does. It never stops the agent, whatever happens. */
import { PhlbError } from '../engine/words/errors.js';
import type { BackupRequest, SourceInfo } from '../engine/words/model.js';
import type { Agent } from '../setup/agent.js';
import { AGENTS } from '../setup/agents.js';
import { readEvent, type HookEvent } from '../setup/hook-event.js';
import { folderOf } from '../setup/hook-folder.js';
import { turnId } from '../setup/turn-id.js';
import { readInput } from './input.js';
import type { Session } from './session.js';
import { ExitStatus } from './status.js';
import { knownHome } from './store-location.js';

/** Prompts and files to be written are in it. */
const MOST_BYTES = 16 * 1024 * 1024;
/** It is over before the agent's own limit; what is copied by then the next one reuses. Ms. */
const HOOK_LIMIT_MS = 50_000;
const MOST_FOLDERS = 5;

/** @returns never `usage`: several agents take 2 for "block this" */
export async function agentHook(session: Session, agent: Agent): Promise<ExitStatus> {
  session.terminal.showProgress = false;
  let event: HookEvent | undefined;
  let failed = false;
  try {
    event = await readHookEvent(session, agent);
    if (event.moment !== 'other') failed = !(await takeSnapshots(session, event));
  } catch (error) {
    session.fail(error);
    failed = true;
  }
  const answer = agent.answer(event ?? NOTHING);
  if (answer !== '') await session.terminal.print(answer);
  return failed && agent.toleratesFailure(event ?? NOTHING) ? ExitStatus.failed : ExitStatus.done;
}

/** As good as not known: nothing is to be stopped by it. */
const NOTHING: HookEvent = {
  ...{ agent: 'claude', name: '', moment: 'beforeTool', turn: undefined, session: undefined, folders: [] },
};

async function readHookEvent(session: Session, agent: Agent): Promise<HookEvent> {
  const stdin = session.world.stdin();
  if (stdin.isTTY === true) {
    throw new PhlbError('usage', 'An agent calls this, with its event on stdin', {
      hint: `set it up with: phlb agent setup ${agent.id}`,
    });
  }
  const text = await readInput(stdin, MOST_BYTES);
  if (text === undefined) throw new PhlbError('damaged', 'The event on stdin is too large');
  return readEvent(agent.id, text);
}

/** Of each folder that the agent works in. Returns whether none failed. */
async function takeSnapshots(session: Session, event: HookEvent): Promise<boolean> {
  const limit = AbortSignal.timeout(HOOK_LIMIT_MS);
  const { location, world } = session;
  const known = await knownSources(session, limit);
  const sources = known.map(({ source }) => source);
  const turn = turnId(event, known.flatMap(turnsOf));
  const done = new Set<string>();
  let isWell = true;
  for (const folder of foldersOf(event, world.env)) {
    const found = await folderOf(folder, { sources, root: location.root, home: knownHome(world) });
    if ('passedOver' in found) session.terminal.diagnose(`No snapshot: ${found.passedOver}: ${folder}`);
    if ('passedOver' in found || done.has(found.source)) continue;
    done.add(found.source);
    isWell = (await takeSnapshot(session, event, found.source, turn, limit)) && isWell;
  }
  return isWell;
}

async function takeSnapshot(
  session: Session,
  { agent, moment }: HookEvent,
  source: string,
  id: string | undefined,
  limit: AbortSignal,
): Promise<boolean> {
  const part = moment === 'prompt' || moment === 'beforeTool' ? 'before' : 'after';
  const request: BackupRequest = {
    ...{ location: session.location, source, skipUnchanged: true, cause: AGENTS[agent].name },
    ...(id === undefined ? {} : { turn: { id, part } }),
  };
  try {
    const { notes } = await session.call('backup', request, { limit });
    for (const note of notes) session.terminal.diagnose(note);
    return true;
  } catch (error) {
    if (!PhlbError.is(error, 'cancelled') || !limit.aborted) session.fail(error);
    else
      session.terminal.diagnose(`A snapshot takes longer than an agent waits: ${source} (take one with: phlb backup)`);
    return false;
  }
}

/** The sources of this host; none where nothing was ever backed up. */
export async function knownSources(session: Session, limit?: AbortSignal): Promise<SourceInfo[]> {
  try {
    const { sources } = await session.call('list', { location: session.location }, { limit });
    return sources.filter(({ local, source }) => local && source !== '');
  } catch (error) {
    if (PhlbError.is(error, 'notFound')) return [];
    throw error;
  }
}

function turnsOf({ snapshots }: SourceInfo): string[] {
  return snapshots.flatMap(({ turns }) => turns.map(({ id }) => id));
}

/** Several where a window has several; where Claude Code was started rather than where it has gone since. */
function foldersOf({ folders, agent }: HookEvent, env: NodeJS.ProcessEnv): string[] {
  const project = agent === 'claude' ? env.CLAUDE_PROJECT_DIR : undefined;
  return project ? [project] : folders.slice(0, MOST_FOLDERS);
}
