/** What is left out of a snapshot, decided entry by entry during the walk. */
import { braceExpand, Minimatch } from 'minimatch';
import { PhlbError } from '../words/errors.js';
import { bodyOf, nameAtAnyDepth } from '../words/globs.js';
import type { Rules } from '../words/model.js';
import { phrase, textOf } from '../words/phrase.js';
import { whyImpossible, whyMistaken } from './impossible-globs.js';

/** Folders that are made again from what a snapshot holds. Never `dist`, `build`, `out`, `.env` or `.git`. */
export const DEFAULT_EXCLUDES: readonly string[] = [
  'node_modules',
  '.venv',
  'venv',
  '__pycache__',
  '.mypy_cache',
  '.pytest_cache',
  '.ruff_cache',
  '.tox',
  '.gradle',
  '.parcel-cache',
  '.turbo',
].map(name => `**/${name}`);

export const DEFAULT_RULES: Rules = {
  exclude: [...DEFAULT_EXCLUDES],
  useGitignore: false,
  maxFileSize: null,
  oneFileSystem: false,
};

/** Rules that let everything through. */
export const NO_RULES: Rules = { exclude: [], useGitignore: false, maxFileSize: null, oneFileSystem: false };

/** Finds a glob that matches a path relative to the source, or `undefined`. One with `/` at its end matches folders only. */
export type GlobMatcher = (path: string, name: string, isDirectory: boolean) => string | undefined;

// Beyond these a glob was written to stall: no path is so long, and each alternative is tried for every path.
const MAX_GLOB = 1024;
const MAX_ALTERNATIVES = 1000;
const MAX_GLOBS = 1000;

/**
 * Compiles one glob (minimatch, `dot: true`: hidden files match too).
 * @throws PhlbError `usage` for what is no glob, or would take too long to try
 */
export function compileGlob(glob: string): Minimatch {
  const options = { dot: true, nonegate: true, nocomment: true, braceExpandMax: MAX_ALTERNATIVES + 1 };
  const path = shownGlob(glob);
  if (glob.length > MAX_GLOB) throw new PhlbError('usage', phrase`The glob is too long`, { path });
  try {
    if (braceExpand(glob, options).length <= MAX_ALTERNATIVES) return new Minimatch(glob, options);
  } catch (cause) {
    throw new PhlbError('usage', phrase`Not a valid glob`, { path, cause });
  }
  throw new PhlbError('usage', phrase`The glob has too many alternatives`, { path });
}

/**
 * Compiles globs. A pattern "any folder, then this name" without further wildcards, which nearly all are, is a look-up
 * by name.
 * @param refused is given the globs that would take too long to try: nothing matches them
 */
export function compileGlobs(globs: readonly string[], refused: string[] = []): GlobMatcher {
  const byName = new Map<string, string>();
  const foldersByName = new Map<string, string>();
  const others: { glob: string; foldersOnly: boolean; matches: (path: string) => boolean }[] = [];
  for (const glob of globs) {
    const body = bodyOf(glob);
    if (whyImpossible(body) !== undefined) continue;
    const foldersOnly = glob.endsWith('/');
    const name = nameAtAnyDepth(glob);
    if (name !== undefined) (foldersOnly ? foldersByName : byName).set(name, glob);
    else {
      const pattern = others.length < MAX_GLOBS ? tryCompile(body) : undefined;
      if (pattern) others.push({ glob, foldersOnly, matches: path => pattern.match(path) });
      else refused.push(glob);
    }
  }
  return (path, name, isDirectory) =>
    byName.get(name) ??
    (isDirectory ? foldersByName.get(name) : undefined) ??
    others.find(other => (isDirectory || !other.foldersOnly) && other.matches(path))?.glob;
}

/** A sentence for each rule that is not obeyed, or may not do what its author has meant. */
export function refusedGlobs(globs: readonly string[]): string[] {
  const refused: string[] = [];
  compileGlobs(globs, refused);
  const costly = refused.map(glob => `Not obeyed: the rule ${shownGlob(glob)}, which would take too long to try`);
  const others = globs.flatMap(glob => {
    const never = whyImpossible(bodyOf(glob));
    if (never) return [`Not obeyed: the rule "${shownGlob(glob)}", which can never match (${textOf(never)})`];
    const why = whyMistaken(glob);
    return why ? [`The rule ${shownGlob(glob)} may not leave out what it was meant to (${textOf(why)})`] : [];
  });
  return [...costly, ...others];
}

/** Rules that were obeyed and left nothing out; the defaults are for any source. @param met the rules that did */
export function unmatchedGlobs(globs: readonly string[], met: readonly string[]): string[] {
  const refused: string[] = [];
  compileGlobs(globs, refused);
  const others = new Set([...DEFAULT_EXCLUDES, ...met, ...refused]);
  return [...new Set(globs)].filter(glob => !others.has(glob) && whyImpossible(bodyOf(glob)) === undefined);
}

function tryCompile(glob: string): Minimatch | undefined {
  try {
    return compileGlob(glob);
  } catch (error) {
    if (PhlbError.is(error, 'usage')) return undefined;
    throw error;
  }
}

function shownGlob(glob: string): string {
  return glob.length > 60 ? `${glob.slice(0, 60)}…` : glob;
}
