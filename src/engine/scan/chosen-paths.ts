/** Globs that say which files are meant, in the order in which they were given. */
import { PhlbError } from '../words/errors.js';
import { dirname, join, basename } from '../words/names.js';
import { phrase } from '../words/phrase.js';
import { refuseImpossible } from './impossible-globs.js';
import { compileGlob } from './rules.js';

const MAX_GLOBS = 1000;

interface Choice {
  leavesOut: boolean;
  matches: (dir: string, name: string) => boolean;
  foldersOnly: boolean;
}

/**
 * Compiles globs as `find` takes them: without `/` compared with names at any depth, else with the path relative to the
 * source. One that matches a folder means all that is in it; with `!` before it, it leaves out. The last one that matches
 * decides; what none matches is meant unless there is one without `!`.
 * @returns tells whether a file is meant
 * @throws PhlbError `usage` for a glob that is empty, too long or can match nothing
 */
export function chosenPaths(globs: readonly string[]): (dir: string, name: string) => boolean {
  if (globs.length > MAX_GLOBS) throw new PhlbError('usage', phrase`Too many globs`);
  const choices = globs.map(compile);
  const otherwise = choices.every(({ leavesOut }) => leavesOut);
  if (choices.length === 0) return () => true;
  // The places in the list of those that match a folder, or one that it is in.
  const ofFolders = new Map<string, ReadonlySet<number>>([['', new Set<number>()]]);
  const around = (dir: string): ReadonlySet<number> => {
    const known = ofFolders.get(dir);
    if (known) return known;
    const outer = around(dirname(dir));
    const own = choices.flatMap(({ matches }, at) => (matches(dirname(dir), basename(dir)) ? [at] : []));
    const all = new Set([...outer, ...own]);
    ofFolders.set(dir, all);
    return all;
  };
  return (dir, name) => {
    const folders = around(dir);
    const last = choices.findLast(
      ({ matches, foldersOnly }, at) => folders.has(at) || (!foldersOnly && matches(dir, name)),
    );
    return last ? !last.leavesOut : otherwise;
  };
}

function compile(glob: string): Choice {
  // `!(a|b)` is anything but these.
  const leavesOut = /^!(?!\()/.test(glob);
  const whole = leavesOut ? glob.slice(1) : glob;
  const text = whole.replace(/^\.?\/+/, '').replace(/\/+$/, '');
  if (text === '') throw new PhlbError('usage', phrase`The glob is empty`, { path: glob });
  refuseImpossible(text);
  const pattern = compileGlob(text);
  // As in ignore files and for ripgrep, one with a `/` at its beginning is one from the top.
  const isPath = text.includes('/') || /^\.?\//.test(whole);
  return {
    leavesOut,
    foldersOnly: whole.endsWith('/'),
    matches: isPath ? (dir, name) => pattern.match(join(dir, name)) : (_, name) => pattern.match(name),
  };
}
