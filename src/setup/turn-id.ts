import type { HookEvent } from './hook-event.js';

/** As much of a session's id as tells it from others. */
const SHORT = 13;

/**
 * The ID of the turn that an event belongs to: `codex-TURN` where the agent names its turns, else `copilot-SESSION-N`, where each
 * prompt begins the next one. `undefined`: the agent says neither.
 * @param known the IDs that the newest snapshots are marked with
 */
export function turnId({ agent, turn, session, moment }: HookEvent, known: Iterable<string>): string | undefined {
  if (turn !== undefined) return `${agent}-${turn}`;
  if (session === undefined) return undefined;
  const prefix = `${agent}-${session.slice(0, SHORT)}-`;
  let last = 0;
  for (const id of known) {
    const number = id.startsWith(prefix) ? id.slice(prefix.length) : '';
    if (/^\d{1,9}$/.test(number)) last = Math.max(last, Number(number));
  }
  return `${prefix}${Math.max(moment === 'prompt' ? last + 1 : last, 1)}`;
}
