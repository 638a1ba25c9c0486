/** Globs that can match nothing in a source, or not what they seem to: most are written as another program takes them. */
import { braceExpand } from 'minimatch';
import { PhlbError } from '../words/errors.js';
import { phrase, type Hint } from '../words/phrase.js';

const FROM_THE_TOP = phrase`write it from the top of the source: name matches only there, **/name at any depth`;
// A longer one is refused for its length.
const MAX_GLOB = 1024;

/**
 * Why a glob can match no path below a source, as what to do instead; `undefined`: it may.
 * @param glob without a `/` at its beginning
 */
export function whyImpossible(glob: string): Hint | undefined {
  const reasons = alternatives(glob).map(whyNever);
  return reasons.every(reason => reason !== undefined) ? reasons[0] : undefined;
}

/** Why a rule may not do what its author has meant, although it is obeyed. */
export function whyMistaken(rule: string): Hint | undefined {
  if (rule.startsWith('/')) return FROM_THE_TOP;
  // `!(a|b)` is anything but these.
  if (!/^!(?!\()/.test(rule)) return undefined;
  return phrase`a glob cannot bring back what another one leaves out; write a name that begins with ! as ${'\\!'}`;
}

/** @throws PhlbError `usage` for a glob that can match nothing */
export function refuseImpossible(glob: string): void {
  refuse(glob, whyImpossible(glob));
}

/** For a rule that somebody has just written. @throws PhlbError `usage` for one that can match nothing, or keeps nothing */
export function refuseAsRule(glob: string): void {
  refuse(glob, whyMistaken(glob) ?? whyImpossible(glob));
}

function refuse(path: string, hint: Hint | undefined): void {
  if (hint) throw new PhlbError('usage', phrase`This glob can never match`, { path, hint });
}

function alternatives(glob: string): string[] {
  if (!glob.includes('{') || glob.length > MAX_GLOB) return [glob];
  try {
    const all = braceExpand(glob, { braceExpandMax: 1000 });
    return all.length > 0 ? all : [glob];
  } catch (error) {
    // minimatch takes no such pattern; `compileGlob` says so.
    if (!(error instanceof Error)) throw error;
    return [glob];
  }
}

function whyNever(glob: string): Hint | undefined {
  if (/^(\/|\\\\|[A-Za-z]:[/\\])/.test(glob)) return FROM_THE_TOP;
  const parts = glob.split('/').filter(part => part !== '');
  if (parts.every(part => part === '.')) return phrase`name a file or folder, or use a glob such as *.iso or **/cache/`;
  if (parts.some((part, at) => part === '..' || (part === '.' && at > 0))) {
    return phrase`no path below the source has . or .. in it`;
  }
  return /\\([A-Za-z0-9_.-]|$)/.test(glob) ? phrase`write / between folders` : undefined;
}
