/**
 * Bounds on ignore files, which come with a workspace that somebody else may have written. The `ignore` package makes a
 * regular expression of each rule; one with `**` in several places takes time with that power of a path's depth.
 */
import { fromBytes, type ByteText } from './ignore-rules.js';

const MAX_RULES = 2000;
const MAX_LENGTH = 1024;
const MAX_GLOBSTARS = 2;

export interface Obeyable {
  /** without the rules that are refused */
  text: ByteText;
  /** what is refused, and why */
  why: string[];
}

/**
 * What of an ignore file can be obeyed. Nothing is left out by a rule that is refused; where it was to keep something
 * (`!`), the whole file is, else more would be left out than it says.
 * @param text `null`: too large to be read
 */
export function obeyable(text: ByteText | null): Obeyable {
  if (text === null) return { text: '', why: ['the whole file, since it is larger than 256 KiB'] };
  const lines = text.split(/\r?\n/);
  const rules = lines.filter(line => line.trim() !== '' && !line.startsWith('#'));
  if (rules.length > MAX_RULES) return { text: '', why: [`the whole file, since it has more than ${MAX_RULES} rules`] };
  const costly = new Set(rules.filter(isCostly));
  if (costly.size === 0) return { text, why: [] };
  const keeping = [...costly].find(rule => rule.startsWith('!'));
  if (keeping !== undefined)
    return { text: '', why: [`the whole file, since ${shown(keeping)} takes too long to try`] };
  return {
    text: lines.filter(line => !costly.has(line)).join('\n'),
    why: [...costly].map(rule => `${shown(rule)}, which would take too long to try`),
  };
}

function isCostly(rule: ByteText): boolean {
  // The last `**` costs nothing: whatever is left of the path matches. For git one after a literal beginning is one, too.
  return (
    rule.length > MAX_LENGTH || (rule.match(/(?:^[^*?[\\]*|\/)\*{2,}(?:\/\*{2,})*(?=\/)/g)?.length ?? 0) > MAX_GLOBSTARS
  );
}

function shown(bytes: ByteText): string {
  const rule = fromBytes(bytes);
  return rule.length > 60 ? `${rule.slice(0, 60)}…` : rule;
}
