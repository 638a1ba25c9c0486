/** What an agent hands to its hook: JSON from outside, of which a few fields are looked at. What is asked of the agent is not kept. */
import { createHash } from 'node:crypto';
import { PhlbError } from '../engine/words/errors.js';
import { phrase } from '../engine/words/phrase.js';
import type { AgentId } from './agent-id.js';

/** `prompt` and `beforeTool` come before what the agent does, `afterTool` and `stop` after it; `other`: nothing to do. */
type Moment = 'prompt' | 'beforeTool' | 'afterTool' | 'stop' | 'other';

export interface HookEvent {
  /** which agent it is: some run the hooks that others were given */
  agent: AgentId;
  /** as the agent names it; `''`: it does not say */
  name: string;
  moment: Moment;
  /** the turn as the agent knows it, fit for a turn ID */
  turn: string | undefined;
  session: string | undefined;
  /** where the agent works; as it was given */
  folders: string[];
}

/** Each agent's names of them, without case (Copilot has two spellings). */
const MOMENTS: Record<string, Moment> = {
  userpromptsubmit: 'prompt',
  userpromptsubmitted: 'prompt',
  beforesubmitprompt: 'prompt',
  pretooluse: 'beforeTool',
  beforeshellexecution: 'beforeTool',
  beforemcpexecution: 'beforeTool',
  posttooluse: 'afterTool',
  posttoolusefailure: 'afterTool',
  aftershellexecution: 'afterTool',
  aftermcpexecution: 'afterTool',
  afterfileedit: 'afterTool',
  stop: 'stop',
  agentstop: 'stop',
  sessionend: 'stop',
};

/** Tools that only look. VS Code runs a hook before each, whatever tools it was written for; what is not known here may write. */
const LOOKING =
  /^(read|grep|glob|ls|view|rg|webfetch|websearch|web_fetch|web_search|todowrite|update_todo|askuserquestion|ask_user|toolsearch|readfile|read_file|list_dir|file_search|grep_search|semantic_search|get_errors|update_plan|view_image|mcp__phlb__(?!restore|undo).*|phlb_(?!restore).*)$/i;

const LONGEST_ID = 64;

/** @throws PhlbError `damaged` for what is no JSON object */
export function readEvent(agent: AgentId, text: string): HookEvent {
  const fields = fieldsOf(text);
  const string = (...names: string[]): string | undefined =>
    names.map(name => fields[name]).find((value): value is string => typeof value === 'string' && value !== '');
  const list = (name: string): string[] => {
    const value = fields[name];
    return Array.isArray(value) ? value.slice(0, 20).filter((one): one is string => typeof one === 'string') : [];
  };
  const name = string('hook_event_name', 'hookEventName') ?? '';
  const known = Object.hasOwn(MOMENTS, name.toLowerCase()) ? MOMENTS[name.toLowerCase()] : undefined;
  const isLooking = LOOKING.test(string('tool_name', 'toolName') ?? '');
  const roots = list('workspace_roots');
  const isTool = known === 'beforeTool' || known === 'afterTool';
  return {
    agent: string('cursor_version') === undefined ? agent : 'cursor',
    name,
    moment: known === undefined || (isTool && isLooking) ? 'other' : known,
    turn: idOf(string('turn_id', 'prompt_id', 'generation_id')),
    session: idOf(string('session_id', 'sessionId', 'conversation_id')),
    folders: roots.length > 0 ? roots : [string('cwd')].filter(one => one !== undefined),
  };
}

/** An id from outside as part of a turn ID: as it is, or what stands for it. */
function idOf(id: string | undefined): string | undefined {
  if (id === undefined || (id.length <= LONGEST_ID && /^[A-Za-z0-9._-]+$/.test(id))) return id;
  return createHash('sha256').update(id).digest('hex').slice(0, 16);
}

function fieldsOf(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new PhlbError('damaged', phrase`The hook's input is not JSON`, { cause: error });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new PhlbError('damaged', phrase`The hook's input is not a JSON object`);
}
