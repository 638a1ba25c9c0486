import * as z from 'zod';
import { PhlbError } from '../engine/words/errors.js';
import { restoredDocument } from './restore-tool.js';
import { defineTool, inputs } from './tool.js';

/** `undo`: takes the last restore back. */
export const undoTool = defineTool({
  name: 'undo',
  title: 'Undo the last restore',
  description:
    'Takes the last restore in the open folders back: what it created goes, unless it has changed since, and what it overwrote ' +
    'comes back. A second undo restores again. Tells only what it would do unless dryRun is false.',
  input: z.strictObject({
    folder: inputs.path
      .optional()
      .describe('Of the source that is this folder or holds it; default: the newest of all'),
    dryRun: inputs.dryRun,
  }),
  does: 'overwrites',
  async run({ folder, dryRun }, call) {
    const { scope, location } = call;
    const only = folder === undefined ? undefined : await scope.sourceOf(await scope.path(folder));
    const sources = folder === undefined ? await scope.sources() : only ? [only.source] : [];
    if (sources.length === 0) throw new PhlbError('notFound', 'There is no restore to undo in the open folders');
    const names = sources.map(({ name }) => name);
    const result = await call.engine('undo', { location, names, within: scope.folders, git: false, dryRun });
    return restoredDocument(result, { dryRun });
  },
});
