/** What has changed in one text, as people and agents read it. */
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import { printable } from '../engine/words/printable.js';

/** So long an unlucky pair of texts is worked at, ms. Nobody else is answered meanwhile. */
const PATIENCE_MS = 500;
const CONTEXT_LINES = 3;
const MOST_LINES = 400;
const MOST_CHARACTERS = 16_000;
const LONGEST_LINE = 1000;

/** One side: `text` `''` where it does not hold the file. */
export interface Side {
  name: string;
  text: string;
}

export interface TextDiff {
  /** unified (diff -u); a longer line is cut */
  diff: string;
  /** how many lines of it are not told */
  omittedLines: number;
}

/** `undefined`: they differ in too much for that to be told in time. */
export function textDiff(older: Side, newer: Side): TextDiff | undefined {
  const [from, to] = [printable(older.name), printable(newer.name)];
  const patch = createTwoFilesPatch(from, to, older.text, newer.text, undefined, undefined, {
    ...{ context: CONTEXT_LINES, timeout: PATIENCE_MS, headerOptions: FILE_HEADERS_ONLY },
  });
  return patch === undefined ? undefined : capped(patch);
}

/** The text that some bytes are; `undefined`: they are none. */
export function textOfBytes(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

function capped(patch: string): TextDiff {
  const lines = patch.replace(/\n$/, '').split('\n');
  const kept: string[] = [];
  let room = MOST_CHARACTERS;
  for (const line of lines.slice(0, MOST_LINES)) {
    const shown = line.length <= LONGEST_LINE ? line : `${line.slice(0, LONGEST_LINE).toWellFormed()}…`;
    room -= shown.length + 1;
    if (room < 0) break;
    kept.push(shown);
  }
  return { diff: `${kept.join('\n')}\n`, omittedLines: lines.length - kept.length };
}
