/** The agents that PHLB can be set up for, by the names of the command line. */
export const AGENT_IDS = ['claude', 'codex', 'cursor', 'copilot'] as const;
export type AgentId = (typeof AGENT_IDS)[number];
