import { lstatSync } from 'node:fs';
import type { FileFacts } from '../words/contents.js';
import { errno } from '../words/errors.js';
import { dirname, fsPath, join } from '../words/names.js';
import { TreeFolders } from '../files/tree-folders.js';
import { isMarked, type DamagedInodes } from '../store/damage.js';
import { nsToMicros } from '../words/times.js';
import type { Place } from './claims.js';
import { hashFile, NotAFileError } from './read-file.js';
import { putTimeBack } from './time-back.js';

/** A stored file that should have the wanted content. */
export interface LinkCandidate {
  /** absolute */
  path: string;
  /** microseconds; `null`: not known */
  storedMtime: number | null;
  /** hash it before it is trusted, also where size and mtime are the recorded ones */
  doubted?: true;
  /** what to name it by if it turns out damaged */
  snapshot: string;
  name: string;
}

/** A file of the tree that is being made. */
export function ownCandidate(tree: string, { path, mtime }: Place): LinkCandidate {
  return { path: join(tree, path), storedMtime: mtime, snapshot: '', name: path };
}

export interface CandidateContext {
  /** whether the store keeps mode bits */
  modes: boolean;
  damaged: DamagedInodes;
  trees: Trees;
  cancelled: () => boolean;
}

/** The folders of the trees in which candidates were found. */
export class Trees {
  private readonly known = new Map<string, TreeFolders>();

  /** Whether no symlink stands on the way to it: it could lead to a file of the source, or out of the root. */
  leadTo({ path, name, snapshot }: LinkCandidate): boolean {
    // This run's own, or a dead run's, found without following any.
    if (snapshot === '') return true;
    const tree = path.slice(0, -name.length - 1);
    const folders = this.known.get(tree) ?? new TreeFolders(tree);
    this.known.set(tree, folders);
    return folders.has(dirname(name));
  }
}

/**
 * Whether a stored file still is what was recorded of it, so that it may be linked (promise P6).
 * @returns its mtime in microseconds, and whether that had to be put back; `undefined` when it must not be linked
 */
export function checkCandidate(
  candidate: LinkCandidate,
  facts: FileFacts,
  { modes, damaged, trees, cancelled }: CandidateContext,
): { mtime: number; retimed: boolean } | undefined {
  try {
    if (!trees.leadTo(candidate)) return undefined;
    const stat = lstatSync(fsPath(candidate.path), { bigint: true });
    const mtime = nsToMicros(stat.mtimeNs);
    if (!stat.isFile() || stat.size !== BigInt(facts.size) || isMarked(damaged, stat)) return undefined;
    if (modes && Number(stat.mode & 0o555n) !== ((facts.mode & 0o555) | 0o400)) return undefined;
    const { path, storedMtime, doubted } = candidate;
    if (storedMtime === null || (doubted && storedMtime === mtime)) {
      return hashFile(path, cancelled).sha256 === facts.sha256 ? { mtime, retimed: false } : undefined;
    }
    if (storedMtime === mtime) return { mtime, retimed: false };
    const keeps = putTimeBack(path, facts.sha256, storedMtime, cancelled);
    return keeps === undefined ? undefined : { mtime: keeps, retimed: true };
  } catch (error) {
    if (errno(error) === undefined && !(error instanceof NotAFileError)) throw error;
    return undefined;
  }
}
