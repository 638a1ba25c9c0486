import * as z from 'zod';
import { PhlbError } from '../engine/words/errors.js';
import { fittingDocument } from '../engine/words/fitting.js';
import { fitLabel } from '../engine/words/label.js';
import { newestOf } from './scope.js';
import { defineTool, inputs } from './tool.js';

/** `snapshot`: takes one of a folder in the scope, unless nothing has changed. */
export const snapshotTool = defineTool({
  name: 'snapshot',
  title: 'Take a snapshot',
  description:
    'Takes a snapshot of an open folder (of the backed-up source that holds it, if there is one), unless nothing has changed ' +
    'since the last one: then "taken" is false and "snapshot" the newest there is. Do this before you change many files. ' +
    'What has not changed takes no space. "notStored" names what could not be read.',
  input: z.strictObject({
    folder: inputs.path
      .optional()
      .describe('Absolute, or relative to the open folder; may be left out where one is open'),
    turn: inputs.turn
      .optional()
      .describe(
        'Id of a turn of yours: its first snapshot shows how things were before it, later ones what it changed; undo takes it back',
      ),
    label: z
      .string()
      .max(1000)
      .optional()
      .describe('A name for people: one line; what is longer than 200 characters is cut'),
  }),
  does: 'adds',
  async run({ folder = '.', label, turn }, call) {
    const { scope, location } = call;
    const wanted = await scope.path(folder);
    const known = await scope.sourceOf(wanted);
    const source = known?.source.source ?? wanted.path;
    await scope.refuseEverything(source);
    const fit = label === undefined ? '' : fitLabel(label);
    const result = await call.engine('backup', {
      ...{ location, source, skipUnchanged: true, cause: call.client },
      ...(turn === undefined ? {} : { turn: { id: turn } }),
      ...(fit === '' ? {} : { label: fit }),
    });
    const id = result.id ?? (known && newestOf(known.source)?.id);
    if (id === undefined) throw new PhlbError('store', 'No snapshot was taken', { path: source });
    const { published, files, copiedBytes, errors, warnings } = result;
    return fittingDocument(
      {
        snapshot: id,
        source,
        taken: published,
        files,
        newBytes: copiedBytes,
        warnings: warnings.map(({ message }) => message),
      },
      { notStored: errors.map(({ path, code, message }) => ({ path, code, message })) },
    );
  },
});
