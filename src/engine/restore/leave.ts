/** Taking out of a finished plan what is to be left as it is. */
import { dirname } from 'node:path';
import { unlessRefused } from '../words/errors.js';
import { join, nameOfPath, relativeInside } from '../words/names.js';
import { isAtOrBelow } from '../words/repositories.js';
import { realPath } from '../scan/source-folder.js';
import { foldCase, type Refusal } from './target-capabilities.js';
import type { Plan, Step } from './plan.js';
import { parentsOf } from './select.js';
import type { Target } from './target.js';

/**
 * Takes out whatever would be done to a path that stays, and the removal of what holds it; nor does a folder with such a
 * path in it give way to something else, which is refused.
 * @returns the paths that something would have been done to, and those of them that would only have been removed
 */
export function takeOut(
  plan: Plan,
  stays: (path: string) => boolean,
  refusal: Refusal,
): { left: string[]; newer: string[] } {
  const left: string[] = [];
  const newer: string[] = [];
  const isLeft = (path: string, list = left): boolean => {
    const is = stays(path);
    if (is) list.push(path);
    return is;
  };
  const refused: string[] = [];
  plan.steps = plan.steps.filter(({ entry: { path }, action, below }) => {
    if (!changes(action)) return true;
    if (isLeft(path)) return false;
    if (below.filter(removal => isLeft(removal.path)).length === 0) return true;
    refused.push(path);
    return false;
  });
  plan.removals = plan.removals.filter(({ path }) => !isLeft(path, newer));
  const holding = new Set([...left, ...newer].flatMap(parentsOf));
  plan.removals = plan.removals.filter(({ path }) => !holding.has(path));
  plan.errors.push(...refused.map(path => ({ path, ...refusal })));
  return { left, newer };
}

/**
 * Takes out files that are open in an editor with unsaved changes, which would be saved over what was restored.
 * @param files absolute; those outside of the target do not matter
 */
export function leaveUnsaved(plan: Plan, files: readonly string[]): void {
  const key = (path: string): string => (plan.folds ? foldCase(path) : path);
  const unsaved = new Set(pathsIn(plan.target, files).map(key));
  if (unsaved.size === 0) return;
  const isUnsaved = (path: string): boolean => unsaved.has(key(path));
  const refusal = {
    code: 'EDIRTY',
    message: 'It is open in an editor with unsaved changes; save or discard them first',
  };
  // What is on the disk may be right already: it is not what would be there after the next save.
  const unchanged = plan.steps.filter(({ entry, action }) => !changes(action) && isUnsaved(entry.path));
  const { left, newer } = takeOut(plan, isUnsaved, {
    ...refusal,
    message: 'A folder with unsaved files is in its place',
  });
  const named = new Set([...unchanged.map(({ entry }) => entry.path), ...left, ...newer]);
  plan.errors.push(...[...named].map(path => ({ path, ...refusal })));
  plan.steps = plan.steps.filter(({ entry }) => !named.has(entry.path));
  blockBelow(plan, left);
}

// An editor may have come to a file by a symlink on the way.
function pathsIn({ path: target }: Target, files: readonly string[]): string[] {
  const real = realOrAsItIs(target);
  return files.flatMap(file => {
    const found = join(realOrAsItIs(dirname(file)), nameOfPath(file));
    return relativeInside(real, found) ?? relativeInside(target, file) ?? [];
  });
}

// What is not there yet, or cannot be reached, has no other path.
function realOrAsItIs(path: string): string {
  return unlessRefused(() => realPath(path)) ?? path;
}

// A folder that does not come, since such a file is in its place, can hold nothing.
function blockBelow(plan: Plan, left: readonly string[]): void {
  const blocked = ({ entry }: Step): boolean => left.some(path => entry.path !== path && isAtOrBelow(entry.path, path));
  const lost = plan.steps.filter(blocked).filter(({ entry }) => entry.type !== 'dir');
  plan.steps = plan.steps.filter(step => !blocked(step));
  plan.errors.push(
    ...lost.map(({ entry: { path } }) => ({ path, code: 'EBLOCKED', message: 'Its folder cannot be restored' })),
  );
}

function changes(action: Step['action']): boolean {
  return action !== 'keep' && action !== 'times';
}
