import { exactNames } from '../engine/words/exact-names.js';

/** `value` as the one document that a command writes to stdout. */
export function jsonDocument(value: object): string {
  return `${JSON.stringify(exactNames(value))}\n`;
}
