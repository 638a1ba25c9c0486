/**
 * How a file of a snapshot is addressed: `phlb://NAME/STAMP/path`, each byte of the names that is no unreserved character
 * (RFC 3986) as %XX, so also of names that are not UTF-8.
 */
import { parseStamp } from '../engine/words/times.js';
import { nameFromBuffer, nameToBuffer } from '../engine/words/names.js';

const SCHEME = 'phlb://';
/** longer than that of any path, all of it escaped */
const LONGEST = 16_384;

export interface ResourceAddress {
  /** a snapshot's id */
  snapshot: string;
  /** relative to its folder; `''`: the folder itself */
  path: string;
}

export function addressOf({ snapshot, path }: ResourceAddress): string {
  return `${SCHEME}${[...snapshot.split('/'), ...path.split('/')].map(escaped).join('/')}`;
}

/** `undefined` for what is none. */
export function parseAddress(uri: string): ResourceAddress | undefined {
  if (uri.length > LONGEST || uri.slice(0, SCHEME.length).toLowerCase() !== SCHEME) return undefined;
  const names = uri.slice(SCHEME.length).split('/').map(unescaped);
  const known = names.filter(name => name !== undefined);
  // A `/` that is escaped would be part of a name, and no name has any.
  if (known.length !== names.length || known.some(name => name.includes('/'))) return undefined;
  const [name = '', stamp = '', ...path] = known;
  if (name === '' || (stamp !== 'latest' && parseStamp(stamp) === undefined)) return undefined;
  if (path.at(-1) === '') path.pop();
  return { snapshot: `${name}/${stamp}`, path: path.join('/') };
}

function escaped(name: string): string {
  return [...nameToBuffer(name)]
    .map(byte => {
      const character = String.fromCharCode(byte);
      return /[A-Za-z0-9._~-]/.test(character) ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

function unescaped(text: string): string | undefined {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return undefined;
  const parts = text.split(/(%[0-9A-Fa-f]{2})/);
  const bytes = parts.map(part => (part.startsWith('%') ? Buffer.from(part.slice(1), 'hex') : nameToBuffer(part)));
  return nameFromBuffer(Buffer.concat(bytes));
}
