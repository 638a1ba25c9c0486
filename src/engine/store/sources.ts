/** Which folder of the root belongs to which source. */
import { PhlbError } from '../words/errors.js';
import { nameOfPath, pathKey } from '../words/names.js';
import { commandLineHint, phrase } from '../words/phrase.js';
import type { SourceEntry } from './root.js';

export interface SourceChoice {
  host: string;
  /** absolute */
  path: string;
  /** other paths that lead to the same folder */
  spellings: readonly string[];
  /** the name asked for */
  name: string | undefined;
  adopt: boolean;
}

/**
 * Finds a source's entry by host and path (and, when asked for, name), or says under which name a new one begins.
 * A folder whose source is not known (after a rehash) belongs to the first source of its name.
 * @param taken names of folders in the root that belong to no entry, e.g. of a tree without records
 * @throws PhlbError `usage` when the name asked for is another source's and it is not to be adopted, or no name at all
 */
export function chooseSource(
  entries: readonly SourceEntry[],
  choice: SourceChoice,
  taken: readonly string[],
): { known: SourceEntry } | { name: string } {
  const here = entries.filter(e => e.host === choice.host);
  const own = [
    ...here.filter(e => pathKey(e.path) === pathKey(choice.path)),
    ...here.filter(e => choice.spellings.includes(e.path)),
  ];
  if (choice.name === undefined) {
    const base = folderName(choice.path);
    const first = own[0] ?? entries.find(e => e.path === '' && sameName(e.name, base));
    return first ? { known: first } : { name: freeName(base, [...entries.map(e => e.name), ...taken]) };
  }
  const { name } = choice;
  checkName(name);
  const named = entries.find(e => sameName(e.name, name));
  if (!named) return { name };
  if (choice.adopt || named.path === '' || own.includes(named)) return { known: named };
  throw new PhlbError('usage', phrase`The name ${name} belongs to another source`, {
    path: named.path,
    hint: commandLineHint('adopt'),
  });
}

/** A folder's name as a source's: `/` is `root`, `C:\` is `C`, reserved names and trailing dots are avoided. */
export function folderName(path: string): string {
  const name = nameOfPath(path) || (/^([A-Za-z]):/.exec(path)?.[1] ?? 'root');
  const trimmed = name.replace(/[. ]+$/, '').replace(/[<>:"|?*\\\ufeff\p{Cc}\p{Cs}]/gu, '_');
  if (trimmed === '') return 'root';
  return isReserved(trimmed) ? `${trimmed}_` : trimmed;
}

function freeName(base: string, taken: readonly string[]): string {
  for (let n = 1; ; n++) {
    const name = n === 1 ? base : `${base}-${n}`;
    if (!taken.some(other => sameName(other, name))) return name;
  }
}

function checkName(name: string): void {
  if (name === '' || folderName(`/${name}`) !== name || name.includes('/') || name.startsWith('-')) {
    throw new PhlbError('usage', phrase`Not a valid name for a source: ${name}`, {
      hint: phrase`use letters, digits, dots and dashes`,
    });
  }
}

// Device names of Windows: https://learn.microsoft.com/windows/win32/fileio/naming-a-file
function isReserved(name: string): boolean {
  return /^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i.test(name) || /^\.phlb/i.test(name) || name === '.' || name === '..';
}

// Without case, and NFC and NFD alike: on some file systems they are one folder.
function sameName(a: string, b: string): boolean {
  return a.normalize('NFC').toLowerCase() === b.normalize('NFC').toLowerCase();
}
