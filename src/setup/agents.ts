import { AGENT_IDS, type AgentId } from './agent-id.js';
import type { Agent } from './agent.js';
import { claude } from './claude.js';
import { codex } from './codex.js';
import { copilot } from './copilot.js';
import { cursor } from './cursor.js';

/** Those that PHLB can be set up for. */
export const AGENTS: Readonly<Record<AgentId, Agent>> = { claude, codex, cursor, copilot };

/** `undefined`: there is none of that name. */
export function agentNamed(name: string): Agent | undefined {
  const id = AGENT_IDS.find(one => one === name);
  return id && AGENTS[id];
}
