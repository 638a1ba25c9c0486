/** One thread's part of a run: of one that only compares, or of one that writes a tree. */
import { HeldFolder } from '../files/held-folder.js';
import { TreeFolders } from '../files/tree-folders.js';
import { compareDirectory, type ComparisonContext } from '../scan/compare-directory.js';
import { noComparisonTally } from '../scan/compared-directory.js';
import type { DirectoryWriters } from '../scan/directory-writer.js';
import { EntriesByContent } from '../scan/entries-by-content.js';
import { EntriesByInode } from '../scan/entries-by-inode.js';
import { prepareWalk } from '../scan/walk-directory.js';
import { damageByInode, type DamagedInodes } from '../store/damage.js';
import { Trees } from '../transfer/candidate.js';
import { Cloner } from '../transfer/clone.js';
import { DirectTransfer } from '../transfer/direct-transfer.js';
import { FileTransfer, pathErrorOf } from '../transfer/file-transfer.js';
import { factsOf, readFile } from '../transfer/read-file.js';
import type { PlaceReply, PlaceRequest, ReadReply, ReadRequest } from '../transfer/requests.js';
import { RunContents } from '../transfer/run-contents.js';
import { SmallReads } from '../transfer/small-reads.js';
import { cancelFlag } from '../words/call.js';
import { PhlbError } from '../words/errors.js';
import type { PathError } from '../words/model.js';
import { LinkingWriter, NewTreeWriter, NOT_WRITING, type LastTree } from './directory-writers.js';
import { finishDirectory } from './finish-directory.js';
import type { DirectoryTimes, DirectoryToWalk, ThreadSetup, WalkReply, WritingSetup } from './jobs.js';

export type ThreadRun = ComparingRun | WritingRun;

export function startRun(setup: ThreadSetup): ThreadRun {
  const basis = openBasis(setup);
  return setup.writing ? new WritingRun(basis, setup.walk.device, setup.writing) : new ComparingRun(basis);
}

/** What both kinds have. */
interface Basis {
  source: HeldFolder;
  reads: SmallReads;
  cancelled: () => boolean;
  comparison: Omit<ComparisonContext, 'writers'>;
}

function openBasis({ source: folder, walk, trust, previous, cancel }: ThreadSetup): Basis {
  const source = HeldFolder.open(folder.path, folder);
  const cancelled = cancelFlag(cancel);
  const reads = new SmallReads(source, cancelled);
  const manifest = previous && Buffer.from(previous);
  return {
    source,
    reads,
    cancelled,
    comparison: {
      walk: prepareWalk(source, walk),
      trust,
      previous: manifest && { manifest, byInode: new EntriesByInode(manifest) },
      read: (path, seen) => reads.read(path, seen),
    },
  };
}

/** Reads files for their hashes alone. */
class ComparingRun {
  constructor(private readonly basis: Basis) {}

  get source(): HeldFolder {
    return this.basis.source;
  }

  walk(directories: DirectoryToWalk[]): WalkReply {
    return compareAll(this.basis, () => NOT_WRITING, directories);
  }

  read({ id, path }: ReadRequest): ReadReply {
    const { source, cancelled } = this.basis;
    try {
      return { id, facts: factsOf(readFile(source.open(path), cancelled)) };
    } catch (error) {
      return { id, error: pathErrorOf(path, error) };
    }
  }

  close(): void {
    this.basis.source.close();
  }
}

export class WritingRun {
  private readonly files: FileTransfer;
  private readonly writers: DirectoryWriters;

  constructor(
    private readonly basis: Basis,
    device: bigint,
    private readonly writing: WritingSetup,
  ) {
    const { source, reads, cancelled } = basis;
    const damaged = damageByInode(writing.damaged);
    const cloner = new Cloner();
    const checks = { modes: writing.modes, damaged, trees: new Trees(), cancelled };
    const contents = writing.contents && new RunContents(writing.contents);
    this.files = new FileTransfer(writing, source, checks, cloner, contents);
    const direct = contents && new DirectTransfer({ ...writing, device }, contents, cloner, reads, checks);
    this.writers = writersOf(writing, this.lastTree(damaged), direct);
  }

  get source(): HeldFolder {
    return this.basis.source;
  }

  /** A directory without pending files has its mode and time then: nothing comes into it from now on. */
  walk(directories: DirectoryToWalk[]): WalkReply {
    const reply = compareAll(this.basis, this.writers, directories);
    const finished = directories.filter((_, i) => reply.compared[i]?.pending.length === 0);
    reply.tally.errors.push(...finished.flatMap(directory => this.finish(directory)));
    return reply;
  }

  read(file: ReadRequest): ReadReply {
    return this.files.read(file);
  }

  place(file: PlaceRequest): PlaceReply {
    return this.files.place(file);
  }

  /** Gives a directory its mode and time. */
  finish(directory: DirectoryTimes): PathError[] {
    return finishDirectory(this.writing, directory);
  }

  close(): void {
    this.basis.source.close();
  }

  private lastTree(damaged: DamagedInodes): LastTree | undefined {
    const { basis, writing } = this;
    const { previous } = basis.comparison;
    const tree = writing.lastTree;
    if (!previous || tree === null || !writing.hardlinks) return undefined;
    return {
      tree,
      folders: new TreeFolders(tree),
      manifest: previous.manifest,
      byContent: new EntriesByContent(previous.manifest),
      damaged,
      cancelled: basis.cancelled,
    };
  }
}

function writersOf(target: WritingSetup, last: LastTree | undefined, direct: DirectTransfer | null): DirectoryWriters {
  if (last) return (directory, tally) => new LinkingWriter(target, last, directory, tally, direct);
  const writer = new NewTreeWriter(target, direct);
  return () => writer;
}

function compareAll(
  { comparison, reads, cancelled }: Basis,
  writers: DirectoryWriters,
  directories: DirectoryToWalk[],
): WalkReply {
  const context: ComparisonContext = { ...comparison, writers };
  const tally = noComparisonTally();
  reads.renew();
  const compared = directories.map(directory => {
    if (cancelled()) throw PhlbError.cancelled();
    return compareDirectory(context, directory, tally);
  });
  return { compared, tally };
}
