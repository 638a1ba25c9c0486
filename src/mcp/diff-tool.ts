import * as z from 'zod';
import { askedPaths } from '../engine/words/asked-paths.js';
import { PhlbError } from '../engine/words/errors.js';
import { fittingDocument } from '../engine/words/fitting.js';
import { fileDiff } from './file-diff.js';
import { defineTool, inputs, limitInput } from './tool.js';

/** `diff`: which files differ between a snapshot and today, or a newer one; of one file, its text. */
export const diffTool = defineTool({
  name: 'diff',
  title: 'Compare snapshots',
  description:
    'Names the files that differ between a snapshot and today, or between two snapshots of one folder. With a path: the unified ' +
    'diff of the text of that file, at most 400 lines; "binary" and "notCompared" tell why there is none. "unstored" is what is ' +
    'perhaps still there, but no longer stored.',
  input: z.strictObject({
    snapshot: inputs.snapshot.describe('The older side: an id, or NAME/latest'),
    other: inputs.snapshot.optional().describe('The newer side, likewise; default: the folder as it is today'),
    path: inputs.path.optional().describe('One file, relative to the folder of the snapshot'),
    limit: limitInput(100, 1000),
  }),
  does: 'looks',
  async run({ snapshot, other, path, limit }, call) {
    const older = await call.scope.snapshot(snapshot);
    const newer = other === undefined ? undefined : await call.scope.snapshot(other);
    if (newer && newer.source.name !== older.source.name) {
      throw new PhlbError('usage', 'Only snapshots of the same folder can be compared');
    }
    const [file] = path === undefined ? [] : askedPaths([path]);
    if (file !== undefined) return fileDiff(call, { older, newer, path: file });
    const result = await call.engine('diff', {
      ...{ location: call.location, snapshot: older.snapshot.id, repositoriesLast: true, limit },
      ...(newer ? { other: newer.snapshot.id } : {}),
    });
    const { counts, errors } = result;
    const total = Object.values(counts).reduce((sum, count) => sum + count, 0) + errors.length;
    return fittingDocument(
      { older: older.snapshot.id, newer: newer?.snapshot.id ?? 'today', counts },
      {
        changes: result.changes.map(({ path: changed, change, from }) => ({ path: changed, change, from })),
        errors: errors.map(({ path: unread, code, message }) => ({ path: unread, code, message })),
      },
      total,
    );
  },
});
