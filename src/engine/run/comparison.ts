/** A source compared with one of its snapshots: what a dry run does, a diff with the live source, and every backup. */
import type { BigIntStats } from 'node:fs';
import { HeldFolder } from '../files/held-folder.js';
import { keepsChangeTimes } from '../scan/change-times.js';
import { entryOf } from '../scan/entries.js';
import { refuseUnread, rootInside } from '../scan/source-folder.js';
import { snapshotId, type Layout } from '../store/layout.js';
import { formatEntry } from '../store/manifest.js';
import { storeFolders } from '../store/store-folders.js';
import type { Context } from '../threads/context.js';
import type { ThreadSetup, WritingSetup } from '../threads/jobs.js';
import { isCancelled } from '../words/call.js';
import type { RulesInForce } from '../words/model.js';
import { nsToMicros } from '../words/times.js';
import { HashedFiles } from './hashed-files.js';
import type { Previous } from './history.js';
import { NO_LINES, type LineSink } from './tree-lines.js';
import type { TreeResult } from './tree-tally.js';
import { walkTree, type TreeToWalk } from './walk-tree.js';

/** A file changed this long (ns) before a run began may have been changed again in the same tick of its clock. */
const RACY_NS = 2_000_000_000n;
const TRUST_CTIME = process.platform !== 'win32';

/** What is walked over, and what it is compared with. */
export interface Comparison {
  source: {
    /** absolute */
    path: string;
    /** the folder, where it is held already: it must be this one, whatever stands at its path */
    held?: HeldFolder;
    unstableInodes: boolean;
  };
  /** of the source folder, as it was first looked at */
  root: BigIntStats;
  rules: RulesInForce;
  /** nothing but these paths and what leads to them; `null`: everything */
  only: ReadonlySet<string> | null;
  /** `null`: everything is new */
  previous: Previous | null;
  /** the backup location: never entered, should it lie in the source */
  layout: Layout;
  /** read every file, whatever its times say */
  checksum: boolean;
}

/**
 * Only looks: what would change. Writes nothing, and takes no lock.
 * @param stopAtChange stop at the first difference; else everything is counted
 * @param lines given the manifest's lines of what is seen, but for the source folder's own
 * @throws PhlbError `source` when the folder cannot be read, `cancelled`
 */
export async function compareSource(
  comparison: Comparison,
  context: Context,
  { stopAtChange = false, lines = NO_LINES }: { stopAtChange?: boolean; lines?: LineSink } = {},
): Promise<TreeResult> {
  const { previous, source } = comparison;
  const root = setUpThreads(comparison, context, null);
  const tree = treeToWalk(comparison, context, root);
  const seen = await walkTree(tree, { lines, stopAtChange, files: output => new HashedFiles(output) });
  refuseUnread(source.path, seen.errors);
  if (previous && previous.manifest.rootLine !== formatEntry(entryOf('', root))) seen.changed = true;
  return seen;
}

/** @param root as `setUpThreads` has seen it */
export function treeToWalk({ previous, layout }: Comparison, context: Context, root: BigIntStats): TreeToWalk {
  return {
    pool: context.pool(),
    previous: previous && {
      id: snapshotId(previous.id),
      tree: layout.tree(previous.id),
      manifest: previous.manifest,
    },
    root: { path: '', mode: Number(root.mode) & 0o7777, mtime: nsToMicros(root.mtimeNs) },
    device: root.dev,
    trustCtime: TRUST_CTIME,
    expectedFiles: previous?.record.counts.files,
    onProgress: context.onProgress,
    cancelled: () => isCancelled(context),
  };
}

/**
 * Gives all threads what they need to know. What the path of the source leads to now is the folder that is meant from here
 * on.
 * @param writing `null`: they only compare
 * @returns the source folder as it is now
 * @throws PhlbError `source`
 */
export function setUpThreads(comparison: Comparison, context: Context, writing: WritingSetup | null): BigIntStats {
  const { source, root: begun } = comparison;
  // The folder that was looked at when the run began: the path may lead elsewhere by now.
  const same = source.unstableInodes ? undefined : { path: source.path, dev: begun.dev, ino: begun.ino };
  const held = source.held ?? HeldFolder.open(source.path, same);
  try {
    const root = held.lstat('');
    const setup = setupOf(comparison, held, root.dev, writing, context.cancel);
    context.pool().setUp(setup);
    return root;
  } finally {
    // From here on the pool holds it.
    if (!source.held) held.close();
  }
}

function setupOf(
  { source, rules, only, previous, layout, checksum }: Comparison,
  held: HeldFolder,
  device: bigint,
  writing: WritingSetup | null,
  cancel: SharedArrayBuffer,
): ThreadSetup {
  return {
    source: held.idWhileHeld(),
    walk: {
      device,
      rules,
      only,
      leaveOut: rootInside(source.path, layout.root),
      storeFolders: new Set(storeFolders(layout)),
    },
    trust: {
      device,
      racyFrom: previous ? BigInt(previous.record.scanStart) - RACY_NS : 0n,
      trustCtime: TRUST_CTIME,
      trustInode: !source.unstableInodes,
      trustMoves: !source.unstableInodes && keepsChangeTimes(source.path),
      checksum,
    },
    previous: previous && (previous.manifest.bytes.buffer as SharedArrayBuffer),
    writing,
    cancel,
  };
}
