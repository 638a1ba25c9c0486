import { PAGE_ACTIONS, ROW_ACTIONS, type ToHost } from './messages.js';

/**
 * What the page has said, once it is found to be that: names that the page shows come from outside, so nothing that it
 * sends is taken for granted. `undefined`: none of its messages.
 */
export function fromPage(data: unknown): ToHost | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const { kind, report, action, id, text } = data as Record<string, unknown>;
  switch (kind) {
    case 'ready':
      return { kind };
    case 'shown':
      return typeof report === 'number' ? { kind, report } : undefined;
    case 'failed':
      return typeof text === 'string' ? { kind, text } : undefined;
    case 'action': {
      const known = PAGE_ACTIONS.find(one => one === action);
      return known && { kind, action: known };
    }
    case 'row': {
      const known = ROW_ACTIONS.find(one => one === action);
      return known && typeof id === 'string' ? { kind, action: known, id } : undefined;
    }
    default:
      return undefined;
  }
}
