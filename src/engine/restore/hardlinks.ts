/** Names of one file: they come back as one, and what was not one does not stay so. */
import type { Entry } from '../store/manifest.js';
import { maySet } from './metadata.js';
import type { Step } from './plan.js';

/** A file that has the right content already. */
export interface Match {
  step: Step;
  /** also the right mode, owner and time */
  exact: boolean;
}

/** What the names of one file have in common; `undefined` for a file with one name. */
export function groupOf({ hardlinked, dev, inode }: Entry): string | undefined {
  return hardlinked && inode !== undefined ? `${dev ?? ''}:${inode}` : undefined;
}

/**
 * Decides which matches stay, which only get their metadata, and which are to be replaced because they share an inode with
 * what is another file in the snapshot, or do not share it with what is the same.
 */
export function settleMatches(matches: readonly Match[]): void {
  const owners = new Map<string, string>();
  const homes = new Map<string, string>();
  const names = new Map<string, Match[]>();
  for (const match of matches) {
    const { entry, seen } = match.step;
    const inode = seen?.inode ?? '';
    const key = groupOf(entry) ?? `=${entry.path}`;
    if ((owners.get(inode) ?? key) !== key || (homes.get(key) ?? inode) !== inode) match.step.action = 'overwrite';
    else {
      owners.set(inode, key);
      homes.set(key, inode);
      match.step.action = match.exact ? 'keep' : 'metadata';
      const known = names.get(inode);
      if (known) known.push(match);
      else names.set(inode, [match]);
    }
  }
  for (const known of names.values()) {
    const seen = known[0]?.step.seen;
    if (!seen || known.every(({ exact }) => exact)) continue;
    // Setting it in place would change names that are not part of this; and only an owner may.
    if (seen.links > known.length || !maySet(seen.uid)) for (const { step } of known) step.action = 'overwrite';
  }
}
