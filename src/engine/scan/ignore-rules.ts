/**
 * The lines of an ignore file as git reads them (https://git-scm.com/docs/gitignore, `dir.c`), as rules for the `ignore`
 * package. Where the package takes a pattern in another way than git, it is given one that it takes as git does that one.
 *
 * Texts, patterns and paths are bytes here, since git matches bytes: `é` takes two `?`.
 */
import { nameFromBuffer, nameToBuffer } from '../words/names.js';

/** Each character is a byte. */
export type ByteText = string;

export function toBytes(path: string): ByteText {
  return /^[ -~]*$/.test(path) ? path : nameToBuffer(path).toString('latin1');
}

export function fromBytes(text: ByteText): string {
  return nameFromBuffer(Buffer.from(text, 'latin1'));
}

interface IgnoreLine {
  keeps: boolean;
  foldersOnly: boolean;
  pattern: ByteText;
}

const BYTE_ORDER_MARK: ByteText = '\u00ef\u00bb\u00bf';

/**
 * The patterns of an ignore file, anchored to where it stands: together with those of the folders above, in their order,
 * they are one list of which the last that matches decides.
 * @param base the folder that the file stands in, relative to the source
 */
export function ignorePatterns(text: ByteText, base: ByteText): ByteText[] {
  return linesOf(text).flatMap(line => patternsOf(line, base));
}

function linesOf(text: ByteText): IgnoreLine[] {
  const body = text.startsWith(BYTE_ORDER_MARK) ? text.slice(BYTE_ORDER_MARK.length) : text;
  return body.split('\n').flatMap(raw => {
    const line = (raw.endsWith('\r') ? raw.slice(0, -1) : raw).replace(/\0.*$/s, '');
    if (line === '' || line.startsWith('#')) return [];
    const rule = withoutTrailingBlanks(line);
    const keeps = rule.startsWith('!');
    const foldersOnly = rule.endsWith('/');
    const pattern = rule.slice(keeps ? 1 : 0, foldersOnly ? -1 : undefined);
    return pattern === '' ? [] : [{ keeps, foldersOnly, pattern }];
  });
}

// But for those after a backslash.
function withoutTrailingBlanks(line: ByteText): ByteText {
  const ended = /^(?:[^\\ ]|\\.| +(?=[^ ]))*/s.exec(line)?.[0] ?? '';
  return line.slice(ended.length).startsWith('\\') ? line : ended;
}

function patternsOf({ keeps, foldersOnly, pattern }: IgnoreLine, base: ByteText): ByteText[] {
  const [before, after] = [keeps ? '!' : '', foldersOnly ? '/' : ''];
  const folder = base === '' ? '' : `/${base.replace(/[\\*?[\]]/g, '\\$&')}`;
  if (!pattern.includes('/')) {
    // Matched against the name alone, in which several asterisks are as good as one.
    const name = withSafeEnd(pattern.replace(/\\.|\*+/gs, part => (part.startsWith('*') ? '*' : part)));
    return [`${before}${folder === '' ? name : `${folder}/**/${name}`}${after}`];
  }
  return spelledOut(pattern.replace(/^\//, '')).map(one => `${before}${folder}/${withSafeEnd(one)}${after}`);
}

// git takes what comes before the first wildcard away before it looks for `**`, so that in `a**/b` it stands at the beginning.
function spelledOut(pattern: ByteText): ByteText[] {
  const [, literal, slash, rest = ''] = /^([^*?[\\]*[^*?[\\/])\*{2,}(\/|$)(.*)$/s.exec(pattern) ?? [];
  // Several `**/` in a row are as good as one, and would be tried in every way to share the folders among them.
  if (literal === undefined) return [pattern.replace(/(^|\/)\*{2,}(?:\/\*{2,})+(?=\/|$)/g, '$1**')];
  return slash === ''
    ? [`${literal}*`, `${literal}*/**`]
    : [...spelledOut(`${literal}${rest}`), ...spelledOut(`${literal}*/**/${rest}`)];
}

// The package would take a blank or a carriage return at the end for the end of a line.
function withSafeEnd(pattern: ByteText): ByteText {
  const last = pattern.slice(-1);
  if (last !== ' ' && last !== '\r') return pattern;
  const before = pattern.slice(0, -1);
  const isEscaped = (/\\*$/.exec(before)?.[0].length ?? 0) % 2 === 1;
  return `${isEscaped ? before.slice(0, -1) : before}[${last}]`;
}
