/** What is left out of a snapshot, decided entry by entry during the walk. */
import { braceExpand, Minimatch } from 'minimatch';
import { PhlbError } from '../errors.js';
import type { Rules } from '../model.js';
import { phrase } from '../phrase.js';

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

/** Finds the first glob that matches a path relative to the source, or `undefined`. */
export type GlobMatcher = (path: string, name: string) => string | undefined;

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
  if (glob.length > MAX_GLOB) throw new PhlbError('usage', phrase`A glob that is too long`, { path });
  try {
    if (braceExpand(glob, options).length <= MAX_ALTERNATIVES) return new Minimatch(glob, options);
  } catch (cause) {
    throw new PhlbError('usage', phrase`Not a glob`, { path, cause });
  }
  throw new PhlbError('usage', phrase`A glob with too many alternatives`, { path });
}

/**
 * Compiles globs. A pattern "any folder, then this name" without further wildcards, which nearly all are, is a look-up
 * by name.
 * @param refused is given the globs that would take too long to try: nothing matches them
 */
export function compileGlobs(globs: readonly string[], refused: string[] = []): GlobMatcher {
  const byName = new Map<string, string>();
  const others: { glob: string; matches: (path: string) => boolean }[] = [];
  for (const glob of globs) {
    const name = /^\*\*\/([^*?[\]{}()!+@\\/#]+)$/.exec(glob)?.[1];
    if (name !== undefined) byName.set(name, glob);
    else {
      const pattern = others.length < MAX_GLOBS ? tryCompile(glob) : undefined;
      if (pattern) others.push({ glob, matches: path => pattern.match(path) });
      else refused.push(glob);
    }
  }
  return (path, name) => byName.get(name) ?? others.find(o => o.matches(path))?.glob;
}

/** A sentence for each glob that `compileGlobs` refuses. */
export function refusedGlobs(globs: readonly string[]): string[] {
  const refused: string[] = [];
  compileGlobs(globs, refused);
  return refused.map(glob => `Not obeyed: the rule ${shownGlob(glob)}, which would take too long to try`);
}

function tryCompile(glob: string): Minimatch | undefined {
  try {
    return compileGlob(glob.replace(/^\.?\//, '').replace(/\/$/, ''));
  } catch (error) {
    if (PhlbError.is(error, 'usage')) return undefined;
    throw error;
  }
}

function shownGlob(glob: string): string {
  return glob.length > 60 ? `${glob.slice(0, 60)}…` : glob;
}
