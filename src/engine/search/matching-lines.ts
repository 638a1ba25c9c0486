/** The lines of a text that match, as they are shown. */
import { createHash } from 'node:crypto';
import type { Pattern } from './pattern.js';
import type { Stretch } from './text-finder.js';

/** Longer lines are cut around the match, UTF-16 code units. */
const SHOWN_LENGTH = 500;
const SHOWN_BEFORE = 100;
/** So many at a time: a file may have millions. */
const LINES_AT_ONCE = 2000;

export interface FoundLine {
  /** from 1 */
  line: number;
  text: string;
  /** the first match in `text`; none: it stands beside a line that matches */
  match?: Stretch;
  /** it is longer than `text`: what `lineKey` makes of all of it */
  cut?: string;
}

/** Where to go on in a text. */
export interface LinePlace {
  at: number;
  line: number;
  /** how many lines from there belong to the last match */
  owed: number;
}

export interface FoundLines {
  lines: FoundLine[];
  /** there may be more */
  next?: LinePlace;
}

/** How many lines before and after each one that matches are shown, too. */
export interface Surroundings {
  before: number;
  after: number;
}

const BEGINNING: LinePlace = { at: 0, line: 1, owed: 0 };

export function matchingLines(text: string, pattern: Pattern, around: Surroundings, from = BEGINNING): FoundLines {
  const found: FoundLines = { lines: [] };
  // Up to where lines were shown, and where the next one stands.
  let shown = from;
  const showUpTo = (end: number, line: number): void => {
    for (; shown.line < line && shown.at < end; shown = nextLine(text, shown)) {
      const near = shown.owed > 0 || shown.line >= line - around.before;
      if (near) found.lines.push(shownLine(text.slice(shown.at, lineEnd(text, shown.at)), shown.line));
    }
  };
  for (const { start, end, line } of candidates(text, pattern, from)) {
    const full = text.slice(start, end);
    const match = pattern.find(full);
    if (!match) continue;
    if (around.before > 0 || shown.owed > 0) showUpTo(start, line);
    found.lines.push(shownLine(full, line, match));
    shown = { ...nextLine(text, { at: start, line, owed: 0 }), owed: around.after };
    if (found.lines.length >= LINES_AT_ONCE) return { ...found, next: shown };
  }
  while (shown.owed > 0 && shown.at < text.length) showUpTo(text.length, shown.line + 1);
  return found;
}

/** A line among others: itself, or its hash where it is long. */
export function lineKey(line: string): string {
  return line.length <= SHOWN_LENGTH ? line : `\n${createHash('sha256').update(line).digest('hex')}`;
}

/** How many matches a text has. */
export function countMatches(text: string, pattern: Pattern): number {
  let count = 0;
  for (const { start, end } of candidates(text, pattern, BEGINNING)) count += pattern.count(text.slice(start, end));
  return count;
}

// The lines that may match, without what ends them.
function* candidates(
  text: string,
  { required }: Pattern,
  from: LinePlace,
): Generator<{ start: number; end: number; line: number }> {
  let { at, line } = from;
  while (at < text.length) {
    let start = at;
    if (required) {
      const found = required.find(text, at);
      if (!found) return;
      start = text.lastIndexOf('\n', found.from - 1) + 1;
      for (let end = text.indexOf('\n', at); end >= 0 && end < start; end = text.indexOf('\n', end + 1)) line++;
    }
    const end = lineEnd(text, start);
    yield { start, end, line };
    at = nextStart(text, end);
    line++;
  }
}

function nextLine(text: string, { at, line, owed }: LinePlace): LinePlace {
  return { at: nextStart(text, lineEnd(text, at)), line: line + 1, owed: Math.max(0, owed - 1) };
}

function lineEnd(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  if (end < 0) return text.length;
  return end > start && text[end - 1] === '\r' ? end - 1 : end;
}

function nextStart(text: string, end: number): number {
  return text[end] === '\r' && text[end + 1] === '\n' ? end + 2 : end + 1;
}

function shownLine(full: string, line: number, match?: Stretch): FoundLine {
  if (full.length <= SHOWN_LENGTH) return { line, text: full, ...(match ? { match } : {}) };
  const start = Math.max(0, Math.min((match?.from ?? 0) - SHOWN_BEFORE, full.length - SHOWN_LENGTH));
  // Half of a character is none.
  const text = full.slice(start, start + SHOWN_LENGTH).replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, '');
  const cut = lineKey(full);
  if (!match) return { line, text, cut };
  const shift = start + (/^[\udc00-\udfff]/.test(full.slice(start, start + 1)) ? 1 : 0);
  return { line, text, cut, match: { from: match.from - shift, to: Math.min(match.to - shift, text.length) } };
}
