import { join } from 'node:path';
import { phrase } from '../engine/words/phrase.js';
import { TIMEOUT_S, type Agent, type Place } from './agent.js';
import { listedHooks, mcpServer } from './entries.js';
import { hookLine, serverCommand } from './invocation.js';

const WRITING = 'Shell|Write|Delete|MCP:.*';

/**
 * Cursor. Read: what others say of its hooks' reference, up to 2.4 (docs/agents.md): `conversation_id`, `generation_id`,
 * `workspace_roots`; exit status 2 blocks, any other failure lets it go on; `timeout` in seconds; an answer in JSON is expected.
 */
export const cursor: Agent = {
  id: 'cursor',
  name: 'Cursor',
  folder,
  files: (place, phlb) => {
    const own = place.scope === 'user' ? folder(place) : join(place.folder, '.cursor');
    const shell = place.platform === 'win32' && place.scope === 'user' ? 'powershell' : 'posix';
    return [
      {
        format: 'json',
        path: join(own, 'hooks.json'),
        elements: listedHooks(
          { beforeSubmitPrompt: '', preToolUse: WRITING, postToolUse: WRITING, postToolUseFailure: WRITING, stop: '' },
          { command: hookLine(phlb, 'cursor', shell), timeout: TIMEOUT_S },
        ),
        base: { version: 1 },
      },
      {
        format: 'json',
        path: join(own, 'mcp.json'),
        elements: [mcpServer(serverCommand(phlb))],
        base: {},
      },
    ];
  },
  notes: () => [
    phrase`Cursor lists hooks and servers in its settings; before version 2.4 it knows only the hooks around a whole turn.`,
  ],
  answer: ({ moment }) => (moment === 'prompt' ? '{"continue":true}\n' : '{}\n'),
  toleratesFailure: () => true,
};

function folder({ home }: Place): string {
  return join(home, '.cursor');
}
