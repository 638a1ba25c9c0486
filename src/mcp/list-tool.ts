import * as z from 'zod';
import { fittingDocument } from '../engine/words/fitting.js';
import { defineTool, inputs, limitInput } from './tool.js';

/** `list`: the snapshots in the scope, newest first. */
export const listTool = defineTool({
  name: 'list',
  title: 'List snapshots',
  description:
    'Lists the snapshots of the open folders, newest first: id, source folder, time, label, who took it, and the turns that it belongs to. ' +
    'Those of kind "safety" hold what a restore was about to overwrite.',
  input: z.strictObject({
    folder: inputs.path.optional().describe('Only of the source that is this folder or holds it'),
    limit: limitInput(20, 500),
  }),
  does: 'looks',
  async run({ folder, limit }, { scope }) {
    const only = folder === undefined ? undefined : await scope.sourceOf(await scope.path(folder));
    const sources = folder === undefined ? await scope.sources() : only ? [only.source] : [];
    const all = sources.flatMap(({ source, snapshots }) =>
      snapshots
        .filter(({ problem }) => problem === undefined)
        .map(({ id, kind, startedAt, label, cause, turns, pinned, files, bytes, changedFiles, errors }) => ({
          ...{ id, source, kind, time: startedAt, label, cause, turns, pinned, files, bytes, changedFiles, errors },
        })),
    );
    const newestFirst = all.sort((a, b) => (a.time < b.time ? 1 : -1)).slice(0, limit);
    return fittingDocument({}, { snapshots: newestFirst, folders: scope.folders }, all.length + scope.folders.length);
  },
});
