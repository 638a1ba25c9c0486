// The families of rows, in the order of the page.
/** @import { Family } from '../types.js' */
import { family as agents } from './agents.mjs';
import { family as cold } from './cold.mjs';
import { family as duplicates } from './duplicates.mjs';
import { family as file } from './file.mjs';
import { family as editor } from './editor.mjs';
import { family as grep } from './grep.mjs';
import { few, workspace } from './small.mjs';
import { family as offsite } from './offsite.mjs';
import { family as releases } from './releases.mjs';
import { family as scale } from './scale.mjs';
import { family as snapshots } from './snapshots.mjs';
import { family as start } from './start.mjs';
import { family as tree } from './tree.mjs';

/** @type {Family[]} */
export const families = [
  tree,
  few,
  workspace,
  cold,
  duplicates,
  file,
  scale,
  snapshots,
  grep,
  offsite,
  agents,
  releases,
  start,
  editor,
];
