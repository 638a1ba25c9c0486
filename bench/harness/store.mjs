// A store of PHLB's by itself, where no contestants take turns.
/** @import { Site, Snapshot, Tree } from '../types.js' */
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { indexOf, phlbArguments, rootOf, snapshotIn } from '../contestants/phlb.mjs';
import { cleanEnvironment } from './round.mjs';
import { measure } from './measure.mjs';

/**
 * @param {Site} site
 * @param {boolean} hasTime GNU time is here
 * @returns `root` and `index`, its folders; `run(...args)`, which runs `phlb` there and tells what `measure` does; and
 *   `backUp(tree, expect)`, which does so and adds `snapshot`, what PHLB says of the new one
 */
export function makeStore(site, hasTime) {
  const folder = join(site.scratch, 'store');
  mkdirSync(folder);
  const place = { program: site.program, folder };
  const options = { env: cleanEnvironment(folder), usageFile: hasTime ? join(site.scratch, 'usage') : undefined };
  /** @param {string[]} args */
  const run = (...args) => measure([process.execPath, ...phlbArguments(place, args)], options);
  return { root: rootOf(folder), index: indexOf(folder), run, backUp };

  /**
   * @param {Tree} tree
   * @param {(snapshot: Snapshot) => boolean} expect
   */
  async function backUp(tree, expect) {
    const { output, ...sample } = await run('backup', tree.path, '--json', '--quiet');
    const snapshot = snapshotIn(output);
    if (!snapshot.published || snapshot.errors.length > 0 || !expect(snapshot)) {
      throw new Error(`phlb backup of ${tree.files} files did something else: ${output}`);
    }
    return { ...sample, snapshot };
  }
}

/** @typedef {ReturnType<typeof makeStore>} Store */

/**
 * Bytes of a snapshot's manifest.
 * @param {Store} store
 * @param {Snapshot} snapshot
 */
export function manifestBytes({ root }, { id }) {
  return statSync(join(root, '.phlb', 'manifests', `${id}.mtree.gz`)).size;
}

/**
 * Bytes of the files directly in a folder; 0 where there is none, as before anything was asked of an index.
 * @param {string} folder
 */
export function bytesIn(folder) {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

/**
 * What a tree has for itself: its directories, and the files that no other tree shares.
 * @param {string} tree
 * @returns bytes on the disk and how many inodes, of each
 */
export function ownedBy(tree) {
  const printed = execFileSync('find', [tree, '(', '-type', 'd', '-o', '-links', '1', ')', '-printf', '%y %b\\n'], {
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  });
  const owned = { directories: { inodes: 0, bytes: 0 }, files: { inodes: 0, bytes: 0 } };
  for (const line of printed.trimEnd().split('\n')) {
    const [type, blocks] = line.split(' ');
    const kind = type === 'd' ? owned.directories : owned.files;
    kind.inodes++;
    kind.bytes += Number(blocks) * 512;
  }
  return owned;
}
