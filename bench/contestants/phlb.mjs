// PHLB, called as in a shell.
/** @import { Contestant, Place, Snapshot } from '../types.js' */
import { join } from 'node:path';

/** @type {Contestant} */
export const phlb = {
  id: 'phlb',
  program: process.execPath,
  commands: {
    first: { label: 'phlb backup', args: place => backup(place) },
    next: { label: 'phlb backup', args: place => backup(place) },
    skip: { label: 'phlb backup --skip-unchanged', args: place => backup(place, '--skip-unchanged') },
  },
  inspect(row, output, tree) {
    const snapshot = snapshotIn(output);
    if (snapshot.errors.length > 0 || !row.expect(snapshot, tree)) {
      throw new Error(`phlb backup (${row.id}) of ${tree.files} files did something else: ${output}`);
    }
    return { copiedBytes: snapshot.copiedBytes };
  },
};

/**
 * What `phlb backup --json` says of the one source.
 * @param {string} output
 */
export function snapshotIn(output) {
  const { snapshots } = /** @type {{ snapshots: Snapshot[] }} */ (JSON.parse(output));
  const [snapshot] = snapshots;
  if (!snapshot) throw new Error(`phlb backup tells of no source: ${output}`);
  return snapshot;
}

/**
 * @param {Place} place
 * @param {string[]} options
 */
function backup(place, ...options) {
  return phlbArguments(place, ['backup', place.tree, '--json', '--quiet', ...options]);
}

/**
 * The arguments for `node` that run `phlb` on the store in a folder.
 * @param {Pick<Place, 'program' | 'folder'>} place
 * @param {string[]} args
 */
export function phlbArguments({ program, folder }, args) {
  return [join(program, 'cli.js'), ...args, '--root', rootOf(folder), '--index', indexOf(folder)];
}

/** @param {string} folder */
export function rootOf(folder) {
  return join(folder, 'root');
}

/** @param {string} folder */
export function indexOf(folder) {
  return join(folder, 'index');
}
