import type { FoundLine } from './found-text.js';

/** As in the editor's own search: what stands before the match must not push it out of a narrow side bar. */
const SHOWN_BEFORE = 26;
const SHOWN_AFTER = 250;

/**
 * What a list shows of a line that matches: without its indentation, and with little before the match.
 * @returns with the match's place in it, from and to; UTF-16 code units
 */
export function foundLineLabel({ text, match: { from, to } }: Pick<FoundLine, 'text' | 'match'>): {
  label: string;
  highlight: [number, number];
} {
  const before = cutBefore(text.slice(0, from).trimStart());
  // Where nothing stands before it, the match's own indentation is one.
  const inside = before === '' ? text.slice(from, to).trimStart() : text.slice(from, to);
  const after = text.slice(to, to + SHOWN_AFTER).trimEnd();
  return { label: `${before}${inside}${after}`, highlight: [before.length, before.length + inside.length] };
}

// At the beginning of a word, if there is one near.
function cutBefore(text: string): string {
  if (text.length <= SHOWN_BEFORE) return text;
  const rest = text.slice(-SHOWN_BEFORE).replace(/^[\udc00-\udfff]/, '');
  const word = rest.search(/(?<=\s)\S/);
  return `…${word > 0 && word < SHOWN_BEFORE / 2 ? rest.slice(word) : rest}`;
}
