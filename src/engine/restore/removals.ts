import type { RestoreNote } from '../store/restore-note.js';
import type { Context } from '../threads/context.js';
import { judgeCreated } from './created.js';
import type { Plan } from './plan.js';

/**
 * Adds to a plan that takes something back: what it had created goes, as far as it is still that; a folder that it put in
 * the place of something else goes only with nothing else in it.
 * @param created parents first
 * @throws PhlbError `cancelled`
 */
export async function addRemovals(plan: Plan, created: RestoreNote['created'], context: Context): Promise<void> {
  const { removals, errors } = await judgeCreated(plan.target, created, context);
  const removable = new Set(removals.map(({ path }) => path));
  plan.errors.push(...errors);
  plan.steps = plan.steps.filter(({ entry: { path }, below }) => {
    if (below.every(removal => removable.has(removal.path))) return true;
    plan.errors.push({
      path,
      code: 'ENOTEMPTY',
      message: 'The folder in its place holds something that has changed since',
    });
    return false;
  });
  const replaced = new Set(plan.steps.flatMap(({ below }) => below.map(({ path }) => path)));
  plan.removals = removals.filter(({ path }) => !replaced.has(path));
}
