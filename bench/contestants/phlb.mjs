// PHLB, called as in a shell.
import { join } from 'node:path';

/**
 * `commands`: by kind, see peers.mjs. `inspect` throws if the work that was measured is not the work that was meant, and tells what
 * else of it is worth knowing.
 */
export const phlb = {
  id: 'phlb',
  program: process.execPath,
  commands: {
    first: { label: 'phlb backup', args: place => backup(place) },
    next: { label: 'phlb backup', args: place => backup(place) },
    skip: { label: 'phlb backup --skip-unchanged', args: place => backup(place, '--skip-unchanged') },
  },
  inspect(row, output, tree) {
    const [snapshot] = JSON.parse(output).snapshots;
    if (snapshot.errors.length > 0 || !row.expect(snapshot, tree)) {
      throw new Error(`phlb backup (${row.id}) of ${tree.files} files did something else: ${output}`);
    }
    return { copiedBytes: snapshot.copiedBytes };
  },
};

function backup(place, ...options) {
  return phlbArguments(place, ['backup', place.tree, '--json', '--quiet', ...options]);
}

/** The arguments for `node` that run `phlb` on the store in a folder. */
export function phlbArguments({ program, folder }, args) {
  return [join(program, 'cli.js'), ...args, '--root', rootOf(folder), '--index', indexOf(folder)];
}

export function rootOf(folder) {
  return join(folder, 'root');
}

export function indexOf(folder) {
  return join(folder, 'index');
}
