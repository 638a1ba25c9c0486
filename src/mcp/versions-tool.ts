import * as z from 'zod';
import { PhlbError } from '../engine/words/errors.js';
import { fittingDocument } from '../engine/words/fitting.js';
import { placeOf } from './scope.js';
import { defineTool, inputs, limitInput } from './tool.js';

/** `versions`: the history of one file. */
export const versionsTool = defineTool({
  name: 'versions',
  title: 'Versions of a file',
  description:
    'Every distinct version of a file, newest first, across renames. "snapshot" is the oldest one that holds the version, "path" ' +
    'where the file stood then: restore takes both, and so does the resource phlb://NAME/STAMP/path.',
  input: z.strictObject({
    path: inputs.path.describe('The file today, absolute or relative to the open folder; it may be gone by now'),
    limit: limitInput(50, 500),
  }),
  does: 'looks',
  async run({ path, limit }, call) {
    const found = await call.scope.sourceOf(await call.scope.entry(path));
    if (!found || found.path === '') throw noVersions(path);
    const names = new Set((await call.scope.sources()).map(({ name }) => name));
    const file = placeOf(found.source, found.path);
    const result = await call.engine('versions', { location: call.location, file });
    // The same path may belong to sources that are not in the scope, too.
    const own = result.versions.filter(({ snapshot }) => names.has(snapshot.slice(0, snapshot.lastIndexOf('/'))));
    if (own.length === 0) throw noVersions(path);
    const versions = own.map(({ snapshot, path: stood, size, mtime, sha256 }) => ({
      snapshot,
      path: stood,
      size,
      mtime,
      sha256,
    }));
    return fittingDocument({ file }, { versions: versions.slice(0, limit) }, versions.length);
  },
});

function noVersions(path: string): PhlbError {
  return new PhlbError('notFound', 'No snapshot of the open folders holds a file of this name', { path });
}
