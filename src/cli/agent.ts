import { PhlbError } from '../engine/words/errors.js';
import { AGENT_IDS } from '../setup/agent.js';
import { agentNamed } from '../setup/agents.js';
import { agentHook } from './agent-hook.js';
import { agentSetup } from './agent-setup.js';
import { Command } from './command.js';
import type { OptionName } from './options.js';
import type { Session } from './session.js';
import type { ExitStatus } from './status.js';

const NAMES = AGENT_IDS.join('|');
const ACTIONS: Record<string, { options: OptionName[]; run: typeof agentSetup }> = {
  setup: { options: ['project', 'print', 'remove', 'yes'], run: agentSetup },
  hook: { options: [], run: agentHook },
};

export const agentCommand = new Command({
  name: 'agent',
  synopsis: 'agent setup|hook <agent>',
  summary: 'snapshots around what a coding agent does',
  operands: { min: 2, max: 2, first: `setup or hook, and the agent: ${NAMES}` },
  options: ['project', 'print', 'remove', 'yes'],
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
  const all: OptionName[] = ['project', 'print', 'remove', 'yes'];
  const foreign = all.find(option => session.options[option] !== undefined && !action.options.includes(option));
  if (foreign !== undefined) throw new PhlbError('usage', `agent ${name} has no option --${foreign}`, { hint });
  return action.run(session, agent);
}
