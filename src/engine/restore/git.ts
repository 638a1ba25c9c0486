/** A repository that is there is not rewound unasked (promise P8). Decided on the finished plan, once for all of it. */
import { passAllButRefusals } from '../words/errors.js';
import type { LeftPath } from '../words/model.js';
import { compareNames } from '../words/names.js';
import { isAtOrBelow, repositoryOf } from '../words/repositories.js';
import { foldCase } from './target-capabilities.js';
import { takeOut } from './leave.js';
import type { Plan } from './plan.js';
import { parentsOf } from './select.js';
import type { Target } from './target.js';

/**
 * Takes out of a plan whatever would be done at or below a `.git` that stands in the target, however it differs. Where none
 * stands, it comes back like everything else. A folder with one in it gives way to nothing.
 * @param isAsked whether this path of a repository was asked for
 */
export function leaveRepositories(plan: Plan, isAsked: (path: string) => boolean): void {
  const standing = new Standing(plan.target);
  const leftOf = (path: string): string | undefined => {
    const repository = isAsked(path) ? undefined : repositoryOf(path, plan.folds);
    return repository !== undefined && standing.has(repository) ? repository : undefined;
  };
  // The snapshot may spell it in another way than the disk.
  const key = (path: string): string => (plan.folds ? foldCase(path) : path);
  const left = new Map<string, LeftPath>();
  const leave = (paths: readonly string[], newer?: true): void => {
    for (const path of paths.flatMap(one => leftOf(one) ?? [])) {
      if (!left.has(key(path))) left.set(key(path), { path, reason: 'repository', ...(newer && { newer }) });
    }
  };
  const errors = plan.errors.map(({ path }) => path);
  plan.errors = plan.errors.filter(({ path }) => leftOf(path) === undefined);
  const message = 'A folder with a git repository is in its place';
  const taken = takeOut(plan, path => leftOf(path) !== undefined, { code: 'EREPOSITORY', message });
  leave([...errors, ...taken.left]);
  leave(taken.newer, true);
  // Its own folders do not even get their times.
  plan.steps = plan.steps.map(step =>
    left.has(key(leftOf(step.entry.path) ?? '')) ? { ...step, action: 'keep', settles: false } : step,
  );
  plan.left = [...left.values()].sort((a, b) => compareNames(a.path, b.path));
}

/**
 * What of a repository was asked for by its path: that and all below it, and the folders on the way there.
 * @param asked paths in the snapshot
 */
export function namedIn(asked: Iterable<string>, folds: boolean): (path: string) => boolean {
  const named = [...asked].filter(path => repositoryOf(path, folds) !== undefined);
  return path => named.some(one => isAtOrBelow(path, one) || isAtOrBelow(one, path));
}

/** Which repositories stand in the target. What lies behind a symlink is not in it. */
class Standing {
  private readonly known = new Map<string, boolean>();

  constructor(private readonly target: Target) {}

  has(repository: string): boolean {
    const known = this.known.get(repository) ?? this.look(repository);
    this.known.set(repository, known);
    return known;
  }

  private look(repository: string): boolean {
    const { held, stat } = this.target;
    try {
      return (
        stat !== undefined &&
        parentsOf(repository)
          .reverse()
          .every(parent => held.find(parent)?.isDirectory()) &&
        held.find(repository) !== undefined
      );
    } catch (error) {
      // What cannot be looked at is not touched.
      passAllButRefusals(error);
      return true;
    }
  }
}
