/**
 * PHLB's table in a TOML file of an agent's. No writer of TOML keeps comments, so it is put behind all else as text, and taken out
 * as text; a parser says before and after that everything else means the same.
 *
 * A blank line comes before it where there was a file, and the last line of the file ends as it did: so the bytes come back.
 */
import { isDeepStrictEqual } from 'node:util';
import { parse, stringify, TomlError } from 'smol-toml';
import { PhlbError } from '../engine/words/errors.js';
import { phrase } from '../engine/words/phrase.js';
import type { TomlFile } from './agent.js';
import { endOfLine } from './json-text.js';

type Table = Record<string, unknown>;

/** Nobody has that many; a text may. */
const MOST_SECTIONS = 20;

/** @param text of the file; `null`: there is none. @throws PhlbError `damaged` for a file that has to be looked at by hand */
export function withTomlTable(text: string | null, file: TomlFile): string {
  if (text === null) return `${lines(file).join('\n')}\n`;
  const before = parsed(text);
  const present = at(before, file.table);
  if (holds(present, file)) return text;
  const tries = present === undefined ? [appended(text, file)] : sections(text, file).map(one => replaced(one, file));
  const after = tries.find(one =>
    unlessDamaged(() => isSame(one, before, file) && holds(at(parsed(one), file.table), file)),
  );
  if (after === undefined) throw byHand(file);
  return after;
}

/** @returns `null`: no file is left, since it was made for the table. @throws as `withTomlTable` */
export function withoutTomlTable(text: string, file: TomlFile): string | null {
  const before = parsed(text);
  let current = text;
  while (at(parsed(current), file.table) !== undefined) {
    const tries = sections(current, file).map(cutOut);
    const rest = tries.find(one => one === null || unlessDamaged(() => isSame(one, before, file)));
    if (rest === undefined) throw byHand(file);
    if (rest === null) return null;
    current = rest;
  }
  return current;
}

function appended(text: string, file: TomlFile): string {
  const eol = endOfLine(text);
  const block = lines(file).join(eol);
  // An own end of line for a last line that has none, and none behind ours then.
  return text === '' || text.endsWith('\n') ? text + eol + block + eol : text + eol + eol + block;
}

// In its place, with whatever somebody has added to it.
function replaced({ head, own, tail, isOpen }: Section, file: TomlFile): string {
  const [header = '', ...rest] = own;
  const eol = endOfLine(header);
  const values = lines(file)
    .slice(1)
    .map(line => line + eol);
  const body = [header.endsWith('\n') ? header : header + eol, ...values, ...rest.filter(line => !isOneOf(line, file))];
  return head.join('') + (isOpen ? withoutEnd(body.join('')) : body.join('')) + tail.join('');
}

// With the blank line before it.
function cutOut({ head, tail, isOpen }: Section): string | null {
  if (head.length === 0 && tail.length === 0) return null;
  const kept = head.slice(0, isBlankLine(head.at(-1)) ? -1 : undefined).join('');
  return (isOpen ? withoutEnd(kept) : kept) + tail.join('');
}

interface Section {
  head: string[];
  /** the header and what follows, up to a blank line, a comment or a header */
  own: string[];
  tail: string[];
  /** it ends the file, whose last line has no end */
  isOpen: boolean;
}

/** What looks like the table, or one in it, last first: it may be a line of a text, so each is only tried. */
function sections(text: string, file: TomlFile): Section[] {
  const all = text === '' ? [] : text.split(/(?<=\n)/);
  const name = file.table.map(part => `[ \\t]*(?:${part}|"${part}"|'${part}')[ \\t]*`).join('\\.');
  const header = new RegExp(`^[ \\t]*\\[${name}(?:\\.[^\\r\\n]*)?\\][ \\t]*(?:#.*)?\\r?\\n?$`);
  const starts = all.flatMap((line, at) => (header.test(line) ? [at] : [])).slice(-MOST_SECTIONS);
  return starts.toReversed().map(start => {
    let end = start + 1;
    while (end < all.length && /^[ \t]*[\w"']/.test(all[end] ?? '')) end++;
    const isOpen = end === all.length && !text.endsWith('\n');
    return { head: all.slice(0, start), own: all.slice(start, end), tail: all.slice(end), isOpen };
  });
}

function isBlankLine(line: string | undefined): boolean {
  return line !== undefined && /^\r?\n$/.test(line);
}

function withoutEnd(text: string): string {
  return text.replace(/\r?\n$/, '');
}

function unlessDamaged(isRight: () => boolean): boolean {
  try {
    return isRight();
  } catch (error) {
    if (PhlbError.is(error, 'damaged')) return false;
    throw error;
  }
}

function isOneOf(line: string, { values }: TomlFile): boolean {
  return Object.keys(values).some(name => new RegExp(`^[ \\t]*${name}[ \\t]*=`).test(line));
}

function holds(present: unknown, { values }: TomlFile): boolean {
  if (typeof present !== 'object' || present === null) return false;
  return Object.entries(values).every(([name, value]) => isDeepStrictEqual((present as Table)[name], plain(value)));
}

function isSame(text: string, before: Table, file: TomlFile): boolean {
  return isDeepStrictEqual(without(parsed(text), file.table), without(before, file.table));
}

function parsed(text: string): Table {
  try {
    return plain(parse(text)) as Table;
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw new PhlbError('damaged', phrase`This is not TOML (line ${error.line})`, { cause: error });
  }
}

// Without the table, and without those around it that hold nothing else.
function without(table: Table, [name = '', ...inner]: readonly string[]): Table {
  const { [name]: held, ...others } = table;
  if (inner.length === 0 || typeof held !== 'object' || held === null) return others;
  const rest = without(held as Table, inner);
  return Object.keys(rest).length === 0 ? others : { ...others, [name]: rest };
}

function at(table: Table, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (held, name) => (typeof held === 'object' && held !== null ? (held as Table)[name] : undefined),
    table,
  );
}

// Times and numbers as they compare; objects without a prototype as any.
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, held]) => [name, plain(held)]));
}

function lines({ table, values }: TomlFile): string[] {
  return [`[${table.join('.')}]`, ...stringify(values).trimEnd().split('\n')];
}

function byHand({ table, values }: TomlFile): PhlbError {
  const text = stringify(values).trimEnd().replaceAll('\n', ', ');
  return new PhlbError('damaged', phrase`The table ${table.join('.')} can only be changed by hand here`, {
    hint: phrase`it should hold ${text}, or nothing once it is removed`,
  });
}
