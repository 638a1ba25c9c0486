import * as z from 'zod';
import { PhlbError } from '../engine/words/errors.js';
import type { SourceInfo } from '../engine/words/model.js';
import { restoredDocument } from './restore-tool.js';
import { defineTool, inputs } from './tool.js';

/** `undo`: takes the last restore back, or what a turn of an agent has changed. */
export const undoTool = defineTool({
  name: 'undo',
  title: 'Undo a restore or a turn',
  description:
    'Takes the last restore in the open folders back: what it created goes, unless it has changed since, and what it overwrote ' +
    'comes back. A second undo restores again. With a turn: takes back what that turn has changed, and nobody since; "left" ' +
    'names the rest. Tells only what it would do unless dryRun is false.',
  input: z.strictObject({
    turn: inputs.turn.optional().describe('Id of a turn that snapshots were taken with'),
    folder: inputs.path
      .optional()
      .describe('Of the source that is this folder or holds it; default: the newest of all'),
    dryRun: inputs.dryRun,
  }),
  does: 'overwrites',
  async run({ turn, folder, dryRun }, call) {
    const { scope, location } = call;
    const only = folder === undefined ? undefined : await scope.sourceOf(await scope.path(folder));
    const sources = folder === undefined ? await scope.sources() : only ? [only.source] : [];
    const shared = { location, within: scope.folders, git: false, dryRun };
    if (turn !== undefined) {
      const { name } = sourceOfTurn(sources, turn);
      return restoredDocument(await call.engine('undoTurn', { ...shared, name, turn }), { turn, dryRun });
    }
    if (sources.length === 0) throw new PhlbError('notFound', 'There is no restore to undo in the open folders');
    const names = sources.map(({ name }) => name);
    return restoredDocument(await call.engine('undo', { ...shared, names }), { dryRun });
  },
});

// Elsewhere it may be another's.
function sourceOfTurn(sources: readonly SourceInfo[], turn: string): SourceInfo {
  const [first, second] = sources.filter(({ snapshots }) =>
    snapshots.some(({ turns }) => turns.some(({ id }) => id === turn)),
  );
  if (first === undefined) throw new PhlbError('notFound', `The open folders have no turn ${turn}`);
  if (second === undefined) return first;
  throw new PhlbError('usage', `Turn ${turn} is of several folders: name one of them`);
}
