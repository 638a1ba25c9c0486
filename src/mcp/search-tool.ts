import * as z from 'zod';
import type { GrepBlock } from '../engine/grep/found-blocks.js';
import type { GrepItem } from '../engine/grep/grep.js';
import { PhlbError } from '../engine/words/errors.js';
import { fittingDocument } from '../engine/words/fitting.js';
import type { ClientCall } from './call.js';
import { defineTool, limitInput } from './tool.js';

const input = z.strictObject({
  pattern: z.string().min(1).max(1000).describe('Plain text, or with regex a regular expression (RE2)'),
  regex: z.boolean().default(false),
  globs: z
    .array(z.string().min(1).max(4096))
    .max(20)
    .default([])
    .describe('Only files that one of them matches, as for find; !GLOB leaves files out'),
  deleted: z.boolean().default(false).describe("Only lines that today's file of that path does not have"),
  limit: limitInput(50, 500),
});

/** `search`: text in all snapshots in the scope. */
export const searchTool = defineTool({
  name: 'search',
  title: 'Search text in snapshots',
  description:
    'Finds lines in the contents of all snapshots of the open folders, the newest first: also what has been deleted or changed ' +
    'since. "first" and "last" are the oldest and the newest snapshot in a row in which the file has that content; restore and the ' +
    'resource phlb://NAME/STAMP/path take "last". All letters small in the pattern: capitals match, too.',
  input,
  does: 'looks',
  async run(asked, call) {
    const found = await search(asked, call);
    return fittingDocument(
      { complete: found.complete, unreadable: found.unreadable.slice(0, asked.limit) },
      { matches: found.lines },
    );
  },
});

interface Found {
  lines: object[];
  /** `false`: there are more, which were not looked for */
  complete: boolean;
  unreadable: string[];
}

// It ends with as many lines as were asked for: more would not fit into the answer.
async function search(
  { pattern, regex, globs, deleted, limit }: z.output<typeof input>,
  call: ClientCall,
): Promise<Found> {
  const names = (await call.scope.sources()).map(({ name }) => name);
  const lines: object[] = [];
  if (names.length === 0) return { lines, complete: true, unreadable: [] };
  const enough = new AbortController();
  const onItems = (items: readonly GrepItem[]): void => {
    for (const item of items) if (item.type === 'block') lines.push(...linesOf(item));
    if (lines.length > limit) enough.abort();
  };
  const request = { location: call.location, pattern, fixed: !regex, globs, deleted, names };
  try {
    const { unreadable } = await call.engine('grep', request, { limit: enough.signal, onItems });
    const own = unreadable.filter(id => names.includes(id.slice(0, id.lastIndexOf('/'))));
    return { lines: lines.slice(0, limit), complete: lines.length <= limit, unreadable: own };
  } catch (error) {
    if (!enough.signal.aborted || !PhlbError.is(error, 'cancelled')) throw error;
    return { lines: lines.slice(0, limit), complete: false, unreadable: [] };
  }
}

function linesOf({ path, first, last, lines }: GrepBlock): object[] {
  return lines.flatMap(({ line, text, match, deleted }) => (match ? [{ path, first, last, line, text, deleted }] : []));
}
