/** What is left out of a snapshot, decided entry by entry during the walk. */
import { Minimatch } from 'minimatch';
import type { Rules } from '../model.js';

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

/**
 * Compiles globs (minimatch, `dot: true`: hidden files match too). A pattern "any folder, then this name" without further wildcards, which
 * nearly all are, is a look-up by name.
 * @throws TypeError when a pattern is too long for minimatch
 */
export function compileGlobs(globs: readonly string[]): GlobMatcher {
  const byName = new Map<string, string>();
  const others: { glob: string; matches: (path: string) => boolean }[] = [];
  for (const glob of globs) {
    const name = /^\*\*\/([^*?[\]{}()!+@\\/#]+)$/.exec(glob)?.[1];
    if (name !== undefined) byName.set(name, glob);
    else {
      const pattern = new Minimatch(glob.replace(/^\.?\//, '').replace(/\/$/, ''), {
        dot: true,
        nonegate: true,
        nocomment: true,
      });
      others.push({ glob, matches: path => pattern.match(path) });
    }
  }
  return (path, name) => byName.get(name) ?? others.find(o => o.matches(path))?.glob;
}
