import { join } from 'node:path';
import { phrase } from '../engine/words/phrase.js';
import { TIMEOUT_S, type Agent, type Place } from './agent.js';
import { listedHooks, mcpServer } from './entries.js';
import { hookLine, serverCommand } from './invocation.js';

/**
 * GitHub Copilot: its command line, and agents in VS Code, which read the same hooks. Read: GitHub's hooks reference and VS Code's
 * (docs/agents.md). Names in PascalCase get an input that says which event it is. Before a tool, any failure of the line is a no
 * to the tool: so the hook never fails, nor does the line where `phlb` has gone.
 */
export const copilot: Agent = {
  id: 'copilot',
  name: 'GitHub Copilot',
  folder,
  files: (place, phlb) => [
    {
      format: 'json',
      path:
        place.scope === 'user'
          ? join(folder(place), 'hooks', 'phlb.json')
          : join(place.folder, '.github', 'hooks', 'phlb.json'),
      elements: listedHooks(
        { UserPromptSubmit: '', PreToolUse: '', PostToolUse: '', PostToolUseFailure: '', Stop: '' },
        {
          type: 'command',
          bash: `${hookLine(phlb, 'copilot', 'posix')} || true`,
          powershell: `${hookLine(phlb, 'copilot', 'powershell')}; exit 0`,
          timeoutSec: TIMEOUT_S,
        },
      ),
      base: { version: 1 },
    },
    {
      format: 'json',
      path: place.scope === 'user' ? join(folder(place), 'mcp-config.json') : join(place.folder, '.github', 'mcp.json'),
      elements: [mcpServer({ type: 'local', ...serverCommand(phlb), tools: ['*'] })],
      base: {},
    },
  ],
  notes: () => [
    phrase`In VS Code, the PHLB extension has its tools in the chat already; the server entry is for Copilot CLI.`,
  ],
  answer: () => '',
  toleratesFailure: () => false,
};

function folder({ home, env }: Place): string {
  return env.COPILOT_HOME || join(home, '.copilot');
}
