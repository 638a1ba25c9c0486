import { join } from 'node:path';
import { phrase } from '../engine/words/phrase.js';
import { TIMEOUT_S, type Agent, type Place } from './agent.js';
import { eventHooks } from './entries.js';
import { hookLine, serverCommand } from './invocation.js';

const WRITING = '^(Bash|apply_patch|mcp__.*)$';

/**
 * Codex. Read of 0.171.0: the schemas of its hooks' inputs (`session_id`, `turn_id`, `cwd`), exit status 2 blocks and any other is
 * told to the user, `timeout` in seconds, a line for `$SHELL -lc` or `cmd.exe /C`. A hook runs once its user has trusted it.
 */
export const codex: Agent = {
  id: 'codex',
  name: 'Codex',
  folder,
  files: (place, phlb) => {
    const own = place.scope === 'user' ? folder(place) : join(place.folder, '.codex');
    const shell = place.platform === 'win32' && place.scope === 'user' ? 'cmd' : 'posix';
    return [
      {
        format: 'json',
        path: join(own, 'hooks.json'),
        elements: eventHooks(
          { UserPromptSubmit: '', PreToolUse: WRITING, PostToolUse: WRITING, Stop: '' },
          { command: hookLine(phlb, 'codex', shell), timeout: TIMEOUT_S },
        ),
        base: {},
      },
      {
        format: 'toml',
        path: join(own, 'config.toml'),
        table: ['mcp_servers', 'phlb'],
        values: serverCommand(phlb),
      },
    ];
  },
  notes: ({ scope }) => [
    phrase`Codex runs no new hook before you have trusted it: type /hooks in Codex.`,
    ...(scope === 'project' ? [phrase`Codex reads .codex in projects that you trust only.`] : []),
  ],
  answer: () => '',
  toleratesFailure: () => true,
};

function folder({ home, env }: Place): string {
  return env.CODEX_HOME || join(home, '.codex');
}
