import * as z from 'zod';
import { askedPaths, MOST_PATHS } from '../engine/words/asked-paths.js';
import type { RestoreResult } from '../engine/words/model.js';
import { fittingDocument } from '../engine/words/fitting.js';
import { defineTool, inputs } from './tool.js';

/** `restore`: brings files back in place, or into another folder in the scope. */
export const restoreTool = defineTool({
  name: 'restore',
  title: 'Restore from a snapshot',
  description:
    'Brings files or folders back from a snapshot. Tells only what it would do unless dryRun is false. What it overwrites is kept ' +
    'in a safety snapshot first, and undo takes it back. What the snapshot does not hold is left alone, and so is a git repository ' +
    'that is there ("left").',
  input: z.strictObject({
    snapshot: inputs.snapshot,
    paths: z
      .array(inputs.path)
      .min(1)
      .max(MOST_PATHS)
      .describe('Relative to the folder of the snapshot, with / between names; ["."] for all of it'),
    to: inputs.path
      .optional()
      .describe(
        'Into this folder, absolute or relative to the open folder, instead of in place; files that differ there are left',
      ),
    dryRun: inputs.dryRun,
  }),
  does: 'overwrites',
  async run({ snapshot, paths, to, dryRun }, call) {
    const chosen = await call.scope.snapshot(snapshot);
    const target = to === undefined ? undefined : (await call.scope.path(to)).path;
    const result = await call.engine('restore', {
      ...{ location: call.location, snapshot: chosen.snapshot.id, paths: askedPaths(paths), dryRun },
      ...(target === undefined ? {} : { to: target }),
      // No agent rewinds a repository that is there, or gets out of what is open.
      ...{ git: false, within: call.scope.folders },
    });
    return restoredDocument(result, { snapshot: chosen.snapshot.id, dryRun });
  },
});

/** What a restore or an undo has done, or would do: its errors and what it overwrites first. */
export function restoredDocument(result: RestoreResult, facts: object): object {
  const paths = (list: { path: string }[]): object[] => list.map(({ path }) => ({ path }));
  const { created, overwritten, deleted, unchanged, left, safetySnapshot, errors } = result;
  const counts = {
    ...{ created: created.length, overwritten: overwritten.length, deleted: deleted.length },
    ...{ left: left.length, errors: errors.length },
  };
  return fittingDocument(
    { ...facts, counts, unchanged, safetySnapshot },
    {
      errors: errors.map(({ path, code, message }) => ({ path, code, message })),
      left: left.map(({ path, reason }) => ({ path, reason })),
      overwritten: paths(overwritten),
      deleted: paths(deleted),
      created: paths(created),
    },
  );
}
