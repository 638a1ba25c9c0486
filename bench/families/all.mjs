// The families of rows, in the order of the page.
import { family as cold } from './cold.mjs';
import { family as duplicates } from './duplicates.mjs';
import { family as file } from './file.mjs';
import { family as editor } from './editor.mjs';
import { family as releases } from './releases.mjs';
import { family as scale } from './scale.mjs';
import { family as snapshots } from './snapshots.mjs';
import { family as start } from './start.mjs';
import { family as tree } from './tree.mjs';

/**
 * A family has
 * - `id`, `title`, and the `minutes` that it takes on a quiet machine of two cores;
 * - `full` and `quick`, its settings; `apart`, where it runs only when it is asked for;
 * - `contestants`: who takes part, by id;
 * - `measure(settings, { contestants, hasTime, remarks })`: returns what it has found as plain data, and adds to `remarks` what
 *   it could not measure;
 * - `report(data)`: `goals` (`work`, `on`, `against`, `goal`, `measured`, `met`, `rounds`), `blocks` of Markdown, `plots` (a `name`,
 *   an `alt` text, `draw(theme)`) and `notes` on what was measured;
 * - `notes` on how it is measured.
 */
export const families = [tree, cold, duplicates, file, scale, snapshots, releases, start, editor];
