/** Stored files whose content is right under a wrong time, as after a backup location was carried by `cp -r` or tar. */
import { lstatSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import type { Damage } from './recheck.js';
import type { Context } from '../threads/context.js';
import { isCancelled } from '../words/call.js';
import { passAllButRefusals, PhlbError, unlessRefused } from '../words/errors.js';
import { groupBy, inodeKey } from './inspect.js';
import { setTime } from '../files/file-times.js';
import { dirname, fsPath, join } from '../words/names.js';
import { TreeFolders } from '../files/tree-folders.js';
import type { StoreLock } from '../store/lock.js';
import { storedMtimeOf, type Entry } from '../store/manifest.js';
import { inStore } from '../files/store-error.js';
import type { Store } from '../store/root.js';
import { nsToMicros } from '../words/times.js';
import { hashFiles } from '../threads/hash-files.js';

export interface TimesRequest {
  store: Store;
  lock: StoreLock;
  /** confirmed under this lock; what is no `time` is passed over */
  damage: readonly Damage[];
  /** by inode (`inodeKey`) the ctime (ns) with which its content was found right */
  sound: ReadonlyMap<string, bigint>;
}

type Late = Damage & { entry: Entry; file: string; stat: BigIntStats; inode: string };

/**
 * Gives each such inode its recorded time, once it is certain that its content is the recorded one. Left alone: adopted
 * trees, and names that say another time of a shared inode than the first one does.
 * @returns the names that have their times again
 * @throws PhlbError `store`, `lockLost`, `cancelled`
 */
export async function healTimes(request: TimesRequest, context: Context): Promise<Damage[]> {
  const late = lateFiles(request);
  const doubted = late.filter(({ inode, stat }) => request.sound.get(inode) !== stat.ctimeNs);
  const hashes = new Map<string, string | undefined>();
  // Changed since the look, if only by a link that was made: it is hashed again.
  const again = [...groupBy(doubted, ({ inode }) => inode).values()].flatMap(([first]) =>
    first ? [{ path: first.file, size: first.entry.size, inode: first.inode }] : [],
  );
  await hashFiles(again, context, ({ inode }, { sha256 }) => hashes.set(inode, sha256));
  const isSound = ({ inode, entry }: Late): boolean => !hashes.has(inode) || hashes.get(inode) === entry.sha256;
  const healed: Damage[] = [];
  request.lock.check();
  for (const names of groupBy(late.filter(isSound), ({ inode }) => inode).values()) {
    if (isCancelled(context)) throw PhlbError.cancelled();
    const [first] = names;
    if (!first || !putBack(first)) continue;
    const mtime = storedMtimeOf(first.entry);
    healed.push(...names.filter(({ entry }) => storedMtimeOf(entry) === mtime));
  }
  return healed;
}

function lateFiles({ store, damage }: TimesRequest): Late[] {
  const trees = new Map<string, TreeFolders>();
  return damage.flatMap(one => {
    const { entry, snapshot, problem, path } = one;
    if (problem !== 'time' || !entry || !snapshot.record || snapshot.record.adopted) return [];
    const tree = store.layout.tree(snapshot.id);
    const folders = trees.get(tree) ?? new TreeFolders(tree);
    trees.set(tree, folders);
    const file = join(tree, path);
    const stat = folders.has(dirname(path)) ? look(file) : undefined;
    if (!stat?.isFile() || stat.size !== BigInt(entry.size)) return [];
    return [{ ...one, entry, file, stat, inode: inodeKey({ device: stat.dev, inode: stat.ino }) }];
  });
}

// Returns whether it has that time now: not every file system can hold it.
function putBack({ entry, file, path }: Late): boolean {
  const micros = storedMtimeOf(entry);
  try {
    inStore(path, file, name => setTime(name, micros));
  } catch (error) {
    passAllButRefusals(error);
    return false;
  }
  const is = look(file);
  return is !== undefined && nsToMicros(is.mtimeNs) === micros;
}

function look(file: string): BigIntStats | undefined {
  return unlessRefused(() => lstatSync(fsPath(file), { bigint: true }));
}
