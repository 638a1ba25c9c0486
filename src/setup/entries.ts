/** The two forms in which agents list hooks, and the one in which they list servers. */
import type { JsonElement } from './json-edit.js';

/** As Claude Code and Codex have them: each event has groups, a group a matcher (`''`: none) and its hooks. */
export function eventHooks(events: Readonly<Record<string, string>>, hook: object): JsonElement[] {
  return Object.entries(events).map(([event, matcher]) => ({
    path: ['hooks', event],
    kind: 'item',
    value: { ...(matcher === '' ? {} : { matcher }), hooks: [{ type: 'command', ...hook }] },
  }));
}

/** As Cursor and Copilot have them: each event has its hooks. */
export function listedHooks(events: Readonly<Record<string, string>>, hook: object): JsonElement[] {
  return Object.entries(events).map(([event, matcher]) => ({
    path: ['hooks', event],
    kind: 'item',
    value: { ...hook, ...(matcher === '' ? {} : { matcher }) },
  }));
}

/** A server named `phlb`. */
export function mcpServer(value: object): JsonElement {
  return { path: ['mcpServers', 'phlb'], kind: 'property', value };
}
