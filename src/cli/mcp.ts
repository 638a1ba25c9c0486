import { PhlbError } from '../engine/words/errors.js';
import type * as McpModule from '../mcp/serve.js';
import { Command } from './command.js';
import type { Session } from './session.js';
import { ExitStatus } from './status.js';
import { knownHome } from './store-location.js';

export const mcpCommand = new Command({
  name: 'mcp',
  synopsis: 'mcp',
  summary: 'serve coding agents: a Model Context Protocol server on standard input and output',
  operands: { min: 0, max: 0 },
  options: ['source'],
  optionHelp: [
    ['--source DIR', 'serve this folder (default: the current one) where the agent does not say what it has open'],
  ],
  notes: [
    'For the settings of an agent, not to be typed. An agent sees the folders that it has open (its roots) or else that one folder',
    '(nothing, if that is the home folder or the top of a disk and --source does not name it), and the sources that are these or',
    'lie in them. It can take snapshots, look, restore and undo a restore, not delete.',
    'The home folder, a whole file system, or a folder that holds the backup location is backed up only if --source names it.',
  ],
  run: mcp,
});

async function mcp(session: Session): Promise<ExitStatus> {
  const { source } = session.options;
  const { world, location, signal, terminal } = session;
  if (source === '') throw new PhlbError('usage', '--source needs a folder');
  const start = session.absolute(source ?? '.');
  const { serveMcp } = await loadServer();
  const ended = await serveMcp({
    ...{ location, start, stdout: world.stdout, stdin: world.stdin(), stop: signal },
    named: source === undefined ? undefined : start,
    home: knownHome(world),
    diagnose: line => terminal.diagnose(line),
  });
  return { closed: ExitStatus.done, stopped: ExitStatus.cancelled, failed: ExitStatus.failed }[ended];
}

// A script of its own, which nothing else needs.
async function loadServer(): Promise<typeof McpModule> {
  try {
    return await import('../mcp/serve.js');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND')) throw error;
    throw new PhlbError('crashed', 'This phlb has no server: the script mcp.js is missing beside it', {
      hint: 'install phlb again',
      cause: error,
    });
  }
}
