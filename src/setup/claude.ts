import { join } from 'node:path';
import { phrase } from '../engine/words/phrase.js';
import { TIMEOUT_S, type Agent, type Place } from './agent.js';
import { eventHooks, mcpServer } from './entries.js';
import { hookLine, serverCommand } from './invocation.js';

// MCP tools may write; looking ones are passed over by the hook itself.
const WRITING = '^(Bash|PowerShell|Edit|MultiEdit|Write|NotebookEdit|mcp__.*)$';

/**
 * Claude Code. Read of 2.1.332: the schema of its settings and its hooks' inputs (`session_id`, `cwd`, `prompt_id`), exit status
 * 2 blocks and any other is told to the user, `timeout` in seconds, a shell line for `$SHELL`, Git Bash or PowerShell.
 */
export const claude: Agent = {
  id: 'claude',
  name: 'Claude Code',
  folder,
  files: (place, phlb) => [
    {
      format: 'json',
      path: join(place.scope === 'user' ? folder(place) : join(place.folder, '.claude'), 'settings.json'),
      elements: eventHooks(
        { UserPromptSubmit: '', PreToolUse: WRITING, PostToolUse: WRITING, PostToolUseFailure: WRITING, Stop: '' },
        { command: line(place, hookLine(phlb, 'claude', 'posix')), timeout: TIMEOUT_S },
      ),
      base: {},
    },
    {
      format: 'json',
      path: place.scope === 'user' ? globalFile(place) : join(place.folder, '.mcp.json'),
      elements: [mcpServer({ type: 'stdio', ...serverCommand(phlb) })],
      base: {},
      mustExist: place.scope === 'user',
    },
  ],
  notes: ({ scope }) => [
    phrase`Claude Code takes up the hooks by itself, at the latest with its next session; /hooks shows them.`,
    ...(scope === 'project' ? [phrase`Claude Code asks once whether the server of .mcp.json may be used.`] : []),
  ],
  answer: () => '',
  // Copilot reads a project's .claude/settings.json, too, and there takes any failure before a tool for a no.
  toleratesFailure: ({ moment }) => moment !== 'beforeTool',
};

// What others share stops nobody who has no `phlb`; Copilot, too, reads it, and takes a failure for a no.
function line({ scope }: Place, command: string): string {
  return scope === 'project' ? `${command} || true` : command;
}

function folder({ home, env }: Place): string {
  return env.CLAUDE_CONFIG_DIR || join(home, '.claude');
}

// It holds all that Claude Code remembers: only Claude Code makes it.
function globalFile({ home, env }: Place): string {
  return join(env.CLAUDE_CONFIG_DIR || home, '.claude.json');
}
