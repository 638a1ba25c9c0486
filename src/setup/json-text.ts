/** JSON files of people, with comments and trailing commas: taken apart so that each byte that is not changed stays. */
import { createScanner, getNodeValue, parseTree, type Node, type ParseError } from 'jsonc-parser';
import { PhlbError } from '../engine/words/errors.js';
import { phrase } from '../engine/words/phrase.js';

/** `SyntaxKind` of jsonc-parser, whose enumeration is for its own compiler only. */
const Token = {
  openBrace: 1,
  closeBrace: 2,
  openBracket: 3,
  closeBracket: 4,
  comma: 5,
  lineComment: 12,
  blockComment: 13,
  end: 17,
} as const;
/** Deeper than any agent's settings; the parser calls itself for each level. */
const DEEPEST = 100;

/** What a file holds at its top. @throws PhlbError `damaged` for what is no JSON, or holds something else than an object */
export function parseObject(text: string): Node {
  refuseDepth(text);
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first) throw new PhlbError('damaged', phrase`This is not JSON (line ${lineOf(text, first.offset)})`);
  if (root?.type !== 'object') throw new PhlbError('damaged', phrase`This JSON holds no object at its top`);
  return root;
}

/** Whether there is nothing but blanks. */
export function isBlank(text: string): boolean {
  return text.trim() === '';
}

export function valueOf(node: Node): unknown {
  return getNodeValue(node) as unknown;
}

/** What stands at a path of names; `undefined`: nothing. @throws PhlbError `damaged` for a name that is given twice */
export function nodeAt(root: Node, path: readonly string[]): Node | undefined {
  return path.reduce<Node | undefined>((node, name) => node && propertyOf(node, name)?.children?.[1], root);
}

/** @throws PhlbError `damaged` for a name that is given twice: programs differ in which one counts */
export function propertyOf(object: Node, name: string): Node | undefined {
  const found = (object.type === 'object' ? (object.children ?? []) : []).filter(
    ({ children }) => children?.[0]?.value === name,
  );
  if (found.length > 1) throw new PhlbError('damaged', phrase`This JSON names ${name} twice`);
  return found[0];
}

/** The line that a place is in, from 1. */
function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** How the lines of a text end: as the first one does. */
export function endOfLine(text: string): string {
  const at = text.indexOf('\n');
  return at > 0 && text[at - 1] === '\r' ? '\r\n' : '\n';
}

/** One step of indentation: as far as the first name at the top is indented, else two blanks. */
export function indentation(text: string, root: Node | undefined): string {
  const first = root?.children?.[0];
  const line = first === undefined ? '' : text.slice(text.lastIndexOf('\n', first.offset - 1) + 1, first.offset);
  return first !== undefined && /^[ \t]{1,8}$/.test(line) ? line : '  ';
}

/** Where the last comment between two places ends; the first place if there is none. */
export function endOfComments(text: string, from: number, to: number): number {
  const scanner = createScanner(text.slice(from, to), false);
  let end = from;
  for (let token = scanner.scan(); token !== Token.end; token = scanner.scan()) {
    const isComment = token === Token.lineComment || token === Token.blockComment;
    if (isComment) end = from + scanner.getTokenOffset() + scanner.getTokenLength();
  }
  return end;
}

/** Whether a comment that goes on to the end of its line ends at `to`. */
export function endsInLineComment(text: string, from: number, to: number): boolean {
  const scanner = createScanner(text.slice(from, to), false);
  let isLast = false;
  for (let token = scanner.scan(); token !== Token.end; token = scanner.scan()) isLast = token === Token.lineComment;
  return isLast;
}

/** Where the comma between two places is; `undefined`: there is none. */
export function commaBetween(text: string, from: number, to: number): number | undefined {
  const scanner = createScanner(text.slice(from, to), true);
  return scanner.scan() === Token.comma ? from + scanner.getTokenOffset() : undefined;
}

function refuseDepth(text: string): void {
  const scanner = createScanner(text, true);
  let depth = 0;
  for (let token = scanner.scan(); token !== Token.end; token = scanner.scan()) {
    if (token === Token.openBrace || token === Token.openBracket) depth++;
    if (token === Token.closeBrace || token === Token.closeBracket) depth--;
    if (depth > DEEPEST) throw new PhlbError('damaged', phrase`This JSON is nested too deeply`);
  }
}
