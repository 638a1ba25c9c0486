const LONGEST = 1000;
// Takes no room, separates no words, and is no part of any markup.
const WORD_JOINER = '\u2060';
const LINE_END = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
const UNSEEN = /[\p{Cc}\p{Bidi_Control}]/gu;
// `[text](command:…)` in messages, progress, prompts and Markdown; `$(icon)` in lists and the status bar.
const LIVE = /[\]$](?=\()/g;

/**
 * A text in which nothing is markup, a line end, a control character or a turn of the direction of reading, wherever the
 * editor shows it: names, labels, paths and errors come from outside. It reads as before. Bytes of a name that are not
 * valid UTF-8, and what cannot be seen, show as `\ufffd`; what is longer than 1,000 characters is cut. Of a plain text it
 * makes the same one.
 */
export function plainText(text: string): string {
  const line = text
    .slice(0, LONGEST)
    .toWellFormed()
    .replace(LINE_END, ' ')
    .replace(UNSEEN, '\ufffd')
    .replace(LIVE, `$&${WORD_JOINER}`);
  return text.length <= LONGEST && line.length <= LONGEST ? line : `${line.slice(0, LONGEST - 1).toWellFormed()}…`;
}

/** The same for a text of several lines, in which names are plain already. */
export function plainLines(text: string): string {
  return text.split('\n').map(plainText).join('\n');
}

/** Where in `plainText(text)` that stands which is at a place in `text`; both in UTF-16 code units. */
export function plainPlace(text: string, at: number): number {
  return Math.min(plainText(text.slice(0, at)).length, plainText(text).length);
}
