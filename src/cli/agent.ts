import { PhlbError } from '../engine/words/errors.js';
import { AGENT_IDS } from '../setup/agent-id.js';
import type { Agent } from '../setup/agent.js';
import { agentNamed } from '../setup/agents.js';
import { agentHook } from './agent-hook.js';
import { Command } from './command.js';
import type { OptionName } from './options.js';
import type { Session } from './session.js';
import type { ExitStatus } from './status.js';

const NAMES = AGENT_IDS.join('|');
interface Action {
  options: readonly OptionName[];
  run(session: Session, agent: Agent): Promise<ExitStatus>;
}
const SETUP_OPTIONS = ['project', 'print', 'remove', 'yes'] as const;
const ACTIONS: Record<string, Action> = {
  // Its parsers are for nobody else, least of all for a hook, for which an agent waits.
  setup: { options: SETUP_OPTIONS, run: async (...of) => (await import('./agent-setup.js')).agentSetup(...of) },
  hook: { options: [], run: agentHook },
};

export const agentCommand = new Command({
  name: 'agent',
  synopsis: 'agent setup|hook <agent>',
  summary: 'snapshots around what a coding agent does',
  operands: { min: 2, max: 2, first: `setup or hook, and the agent: ${NAMES}` },
  options: SETUP_OPTIONS,
  optionHelp: [
    [`setup ${NAMES}`, 'show, ask, and write what makes the agent call PHLB: hooks, and a server of tools'],
    ['  --project', "into the current folder's files, which others may share, instead of your own in the home folder"],
    ['  --print', 'show only'],
    ['  --remove', 'take exactly that out again'],
    ['  --yes', 'do not ask'],
    [`hook ${NAMES}`, 'what the hooks call: takes a snapshot, as the event on stdin says'],
  ],
  notes: [
    'What stands in these files stays as it is, comments too; twice is the same as once. A hook takes a snapshot of the folder',
    'that the agent works in before and after what it does, unless nothing has changed, and never stops the agent.',
  ],
  run,
});

async function run(session: Session): Promise<ExitStatus> {
  const [name = '', named = ''] = session.operands;
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  const hint = `usage: phlb agent setup|hook ${NAMES}`;
  if (!action) throw new PhlbError('usage', `agent does not know ${name}`, { hint });
  const agent = agentNamed(named);
  if (!agent) throw new PhlbError('usage', `There is no agent ${named}`, { hint });
  const foreign = SETUP_OPTIONS.find(
    option => session.options[option] !== undefined && !action.options.includes(option),
  );
  if (foreign !== undefined) throw new PhlbError('usage', `agent ${name} has no option --${foreign}`, { hint });
  return action.run(session, agent);
}
