import * as z from 'zod';
import { fittingDocument } from '../engine/words/fitting.js';
import { defineTool, limitInput } from './tool.js';

/** `find`: paths in all snapshots in the scope. */
export const findTool = defineTool({
  name: 'find',
  title: 'Find files in snapshots',
  description:
    'Finds paths in all snapshots of the open folders, also of what has been deleted. "first" and "last" are the oldest and the ' +
    'newest snapshot that holds the path. Without a slash the glob is compared with names at any depth (*.odt), with one with the ' +
    'path in the source (letters/**/*.odt).',
  input: z.strictObject({
    glob: z.string().min(1).max(4096),
    deleted: z.boolean().default(false).describe('Only what is no longer there'),
    limit: limitInput(100, 1000),
  }),
  does: 'looks',
  async run({ glob, deleted, limit }, call) {
    const names = (await call.scope.sources()).map(({ name }) => name);
    if (names.length === 0) return fittingDocument({}, { matches: [], unreadable: [] });
    const { matches, total, unreadable } = await call.engine('find', {
      ...{ location: call.location, glob, deleted, names, limit },
    });
    const own = matches.map(({ path, type, first, last, deleted: gone }) => ({
      path,
      type,
      first,
      last,
      deleted: gone,
    }));
    const unread = unreadable.filter(id => names.includes(id.slice(0, id.lastIndexOf('/'))));
    return fittingDocument({}, { matches: own, unreadable: unread }, total + unread.length);
  },
});
