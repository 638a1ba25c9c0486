/** What a label may be: a name for people, in one line. */
import { PhlbError } from './errors.js';
import { phrase } from './phrase.js';

/** Code points. Longer than any name that people give, short enough for a line of a list. */
export const LONGEST_LABEL = 200;

// Line ends among them, and what turns the direction of reading: a label must not look like a line of PHLB's own.
const UNFIT = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Surrogate}]/u;
const UNFIT_RUN = new RegExp(`${UNFIT.source}+`, 'gu');

/** Whoever gives a label, the command line, the editor or an agent, hears of it here. @throws PhlbError `usage` */
export function checkLabel(label: string): void {
  if (UNFIT.test(label)) {
    throw new PhlbError('usage', phrase`A label is one line of plain text, without control characters`, {
      hint: phrase`nothing was changed; choose another label`,
    });
  }
  const length = [...label].length;
  if (length <= LONGEST_LABEL) return;
  throw new PhlbError('usage', phrase`A label has at most ${LONGEST_LABEL} characters; this one has ${length}`, {
    hint: phrase`nothing was changed; choose another label`,
  });
}

/** Whether a text is one line without control characters, of so many code points at most. */
export function isPlainLine(text: string, longest: number): boolean {
  // What is much too long is not taken apart first.
  return text.length <= 2 * longest && !UNFIT.test(text) && [...text].length <= longest;
}

/** The nearest label that is fit: records hold what earlier versions, or others, have written there. */
export function fitLabel(label: string): string {
  return fitLine(label, LONGEST_LABEL);
}

/** The nearest line of so many code points at most that is fit; `''`: nothing of it is. */
export function fitLine(text: string, longest: number): string {
  const characters = [...text.replace(UNFIT_RUN, ' ').trim()];
  return characters.length <= longest ? characters.join('') : `${characters.slice(0, longest - 1).join('')}…`;
}
