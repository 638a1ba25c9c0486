/** Searching stored files, each read once. Synchronous but for the pattern; it runs on the pool's threads. */
import { closeSync } from 'node:fs';
import { HeldFolder } from '../files/held-folder.js';
import { openToRead } from '../transfer/read-file.js';
import { errno, passAllButRefusals, PhlbError, reason, refusalCode } from '../words/errors.js';
import type { PathError } from '../words/model.js';
import { decode } from './decode.js';
import {
  countMatches,
  lineKey,
  matchingLines,
  type FoundLines,
  type LinePlace,
  type Surroundings,
} from './matching-lines.js';
import { Pattern, type PatternOptions } from './pattern.js';
import { ReadBuffer } from './read-buffer.js';

export interface SearchRequest {
  pattern: PatternOptions;
  /** stored files: absolute paths, sizes in bytes */
  files: { path: string; size: number }[];
  /** larger ones are passed over, bytes */
  maxSize: number;
  around: Surroundings;
  /** where to go on in the first one */
  from?: LinePlace;
  /** only how many matches there are */
  counts: boolean;
}

/** What a file has, if there is anything to say of it. */
export type SearchReply = { at: number } & (
  FoundLines | { count: number } | { skipped: 'binary' | 'tooLarge' } | { error: PathError }
);

/** Lines that are looked for in files of today. */
export interface LostRequest {
  /** absolute */
  folder: string;
  /** relative paths; of the lines what `lineKey` makes of them */
  files: { path: string; lines: string[] }[];
  /** bytes */
  maxSize: number;
}

/** Which of the lines a file no longer has; `gone`: it is no longer there. */
export type LostLines = boolean[] | 'gone';

/** For which a text need not be taken apart. */
const FEW_LINES = 20;

let buffer: ReadBuffer | undefined;
let last: { key: string; pattern: Pattern } | undefined;

/** @throws PhlbError `cancelled` */
export async function searchFiles(request: SearchRequest, cancelled: () => boolean): Promise<SearchReply[]> {
  const key = JSON.stringify(request.pattern);
  if (last?.key !== key) last = { key, pattern: await Pattern.compile(request.pattern) };
  const { pattern } = last;
  return request.files.flatMap((file, at) => {
    if (cancelled()) throw PhlbError.cancelled();
    const found = searchFile(file, pattern, request, at === 0 ? request.from : undefined);
    return found ? [{ at, ...found }] : [];
  });
}

/** Tells which lines a file of today no longer has. What of it cannot be read, or is no text by now, is taken to be there. */
export function lostLines({ folder: place, files, maxSize }: LostRequest, cancelled: () => boolean): LostLines[] {
  const folder = HeldFolder.open(place);
  try {
    return files.map(({ path, lines }) => {
      if (cancelled()) throw PhlbError.cancelled();
      const today = textOfToday(folder, path, maxSize);
      if (today === 'gone') return 'gone';
      return today === undefined ? lines.map(() => false) : lostFrom(today, lines);
    });
  } finally {
    folder.close();
  }
}

function searchFile(
  { path, size }: SearchRequest['files'][number],
  pattern: Pattern,
  { maxSize, around, counts }: SearchRequest,
  from: LinePlace | undefined,
): FoundLines | { count: number } | { skipped: 'binary' | 'tooLarge' } | { error: PathError } | undefined {
  try {
    // A stored file does not grow.
    const bytes = size > maxSize ? undefined : readOpen(openToRead(path), maxSize, size);
    if (!bytes) return { skipped: 'tooLarge' };
    const decoded = decode(bytes, pattern.required);
    if (decoded === 'without') return undefined;
    if (decoded === 'binary') return { skipped: 'binary' };
    if (!pattern.mayBeIn(decoded.text)) return undefined;
    if (counts) return nothingIf0(countMatches(decoded.text, pattern));
    const found = matchingLines(decoded.text, pattern, around, from);
    return found.lines.length > 0 ? found : undefined;
  } catch (error) {
    return { error: { path, code: refusalCode(error), message: reason(error) } };
  }
}

function lostFrom(text: string, lines: readonly string[]): boolean[] {
  const isSimple = lines.length <= FEW_LINES && lines.every(line => !line.startsWith('\n'));
  if (!isSimple) {
    const there = new Set(text.split(/\r?\n/).map(lineKey));
    return lines.map(line => !there.has(line));
  }
  const framed = `\n${text}\n`;
  return lines.map(line => !framed.includes(`\n${line}\n`) && !framed.includes(`\n${line}\r\n`));
}

function nothingIf0(count: number): { count: number } | undefined {
  return count === 0 ? undefined : { count };
}

function textOfToday(folder: HeldFolder, path: string, maxSize: number): string | 'gone' | undefined {
  try {
    const stat = folder.lstat(path);
    if (!stat.isFile()) return 'gone';
    const bytes = readOpen(folder.open(path), maxSize, Number(stat.size));
    const decoded = bytes && decode(bytes, undefined);
    return typeof decoded === 'object' ? decoded.text : undefined;
  } catch (error) {
    passAllButRefusals(error);
    return ['ENOENT', 'ENOTDIR'].includes(errno(error) ?? '') ? 'gone' : undefined;
  }
}

function readOpen(fd: number, maxSize: number, expected: number): Buffer | undefined {
  try {
    return (buffer ??= new ReadBuffer()).read(fd, maxSize, expected);
  } finally {
    closeSync(fd);
  }
}
