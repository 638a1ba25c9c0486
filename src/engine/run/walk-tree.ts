/**
 * Walks over one tree: hands directories and files to the pool's threads, and puts the lines in order. Per changed file this
 * costs a message each way; what is unchanged never comes by here.
 */
import type { ComparedDirectory } from '../scan/compared-directory.js';
import type { IgnoreFile } from '../scan/ignore-files.js';
import type { ManifestText } from '../store/manifest-text.js';
import type { DirectoryTimes, DirectoryToWalk } from '../threads/jobs.js';
import { Lanes, type Job } from '../threads/lanes.js';
import { MOMENT_BYTES, MOMENT_DIRECTORIES, MOMENT_LINES } from '../threads/moment.js';
import type { Pool, PoolThread } from '../threads/pool.js';
import { PhlbError } from '../words/errors.js';
import type { Progress } from '../words/model.js';
import { join } from '../words/names.js';
import type { FileToRead, FileWork } from './file-work.js';
import { SpaceInDoubt } from './space-in-doubt.js';
import { StoringJobs } from './storing-jobs.js';
import { TreeLines, type DirectoryLines, type LineSink } from './tree-lines.js';
import { TreeOutput } from './tree-output.js';
import { TreeTally, type TreeResult } from './tree-tally.js';

export interface TreeToWalk {
  pool: Pool;
  /** `tree`: its absolute path */
  previous: { id: string; tree: string; manifest: ManifestText } | null;
  /** mode and time of the source folder itself */
  root: DirectoryTimes;
  device: bigint;
  trustCtime: boolean;
  /** as many files as the previous snapshot holds; `undefined`: there is none */
  expectedFiles: number | undefined;
  onProgress: (progress: Progress) => void;
  cancelled: () => boolean;
}

/** What is done with what is met. */
export interface TreeUse {
  lines: LineSink;
  /** stop at the first difference */
  stopAtChange: boolean;
  /** bytes; if this is given, no file is read before it is known whether all of them have space, and told if not */
  freeInDoubt?: number | undefined;
  files: (output: TreeOutput, jobs: StoringJobs) => FileWork;
}

/** The threads must have been set up. @throws PhlbError `store`, `cancelled` */
export function walkTree(tree: TreeToWalk, use: TreeUse): Promise<TreeResult> {
  return new TreeWalk(tree, use).run();
}

interface Waiting {
  directory: DirectoryLines;
  job: DirectoryToWalk;
}

// One under way, one at hand.
const JOBS_PER_THREAD = 2;
const WALK_BATCH = 32;
const READ_BATCH_FILES = 64;
const READ_BATCH_BYTES = 4 << 20;
// One file that waits holds up the lines of all that come after it, and they are kept in memory.
const READ_AFTER_WALKS = 16;
const PROGRESS_MS = 100;

class TreeWalk {
  private readonly toWalk: Waiting[] = [];
  private readonly toRead: FileToRead[] = [];
  /** how many jobs have walked */
  private walks = 0;
  /** so many had when the first of `toRead` was found */
  private waitsSince = 0;
  /** directories that get their mode and time when their files have been read */
  private readonly unfinished: DirectoryTimes[] = [];
  private nextId = 1;
  private isStopped = false;
  private lastProgress = 0;
  private readonly tally = new TreeTally();
  private readonly lines: TreeLines;
  private readonly storing = new StoringJobs();
  private readonly files: FileWork;
  private readonly lanes: Lanes;
  /** as long as it lasts no file is read */
  private doubt: SpaceInDoubt | undefined;

  constructor(
    private readonly tree: TreeToWalk,
    private readonly use: TreeUse,
  ) {
    this.lines = new TreeLines(use.lines, tree.previous?.manifest);
    if (use.freeInDoubt !== undefined) this.doubt = new SpaceInDoubt(use.freeInDoubt);
    this.files = use.files(new TreeOutput(this.lines, this.tally, tree), this.storing);
    this.lanes = new Lanes(
      tree.pool,
      () => this.nextJob(),
      () => this.giveUp(),
      JOBS_PER_THREAD,
    );
  }

  async run(): Promise<TreeResult> {
    this.toWalk.push({ directory: this.lines.root, job: this.walkOf(this.tree.root, []) });
    await this.lanes.run();
    if (!this.isStopped) await this.files.finish(this.unfinished);
    return this.tally.finish();
  }

  // Reading comes first once it pays or has waited: it frees lines to be written. Directories go depth first, for the same.
  private nextJob(): Job | undefined {
    if (this.tree.cancelled()) throw PhlbError.cancelled();
    // While the first ones are done here.
    if (!this.tree.previous && this.toWalk.length > MOMENT_DIRECTORIES) this.tree.pool.start();
    this.endDoubt();
    if (this.isTimeToRead()) {
      const batch = this.takeReads();
      const isLong = batch.some(({ size }) => size > MOMENT_BYTES);
      return { isLong, run: thread => this.read(thread, batch) };
    }
    if (this.toWalk.length === 0) return undefined;
    // Leave work for the other threads while there is little of it.
    const count = Math.min(WALK_BATCH, Math.ceil(this.toWalk.length / this.tree.pool.threads.length));
    const batch = this.toWalk.splice(this.toWalk.length - count, count);
    const isLong = batch.some(
      ({ job: { previous } }) => previous !== null && previous.end - previous.start > MOMENT_LINES,
    );
    return { isLong, run: thread => this.walk(thread, batch) };
  }

  private isTimeToRead(): boolean {
    const waiting = this.toRead.length;
    if (waiting === 0 || this.doubt) return false;
    const isOld = this.walks - this.waitsSince >= READ_AFTER_WALKS;
    return waiting >= READ_BATCH_FILES || isOld || this.toWalk.length === 0;
  }

  // Once all is walked over, and no job under way may find more; or when no more can be kept.
  private endDoubt(): void {
    const { doubt, toWalk, storing } = this;
    const isWalked = toWalk.length === 0 && storing.areIdle;
    if (!doubt || !(isWalked || doubt.isTooMuchToKeep)) return;
    this.doubt = undefined;
    const { shortage } = doubt;
    if (shortage) this.tell({ shortage });
  }

  // The first ones first: their lines are the next to be written.
  private takeReads(): FileToRead[] {
    let count = 0;
    for (let bytes = 0; count < READ_BATCH_FILES && bytes < READ_BATCH_BYTES; count++) {
      bytes += this.toRead[count]?.size ?? READ_BATCH_BYTES;
    }
    this.waitsSince = this.walks;
    return this.toRead.splice(0, count);
  }

  private async walk(thread: PoolThread, batch: Waiting[]): Promise<void> {
    const number = this.storing.begin();
    this.walks++;
    const { compared, tally } = await thread.run(
      'walk',
      batch.map(({ job }) => job),
    );
    this.tally.walked(tally, this.tree.previous?.id ?? '');
    compared.forEach((directory, i) => {
      const item = batch[i];
      if (item) this.take(item, directory);
    });
    this.storing.end(number);
    await this.goOn();
  }

  private take({ directory, job }: Waiting, found: ComparedDirectory): void {
    const { path, mode, mtime } = job;
    this.doubt?.add(found);
    if (found.pending.length > 0) this.unfinished.push({ path, mode, mtime });
    for (const { name, at, size, old, repeated } of found.pending) {
      const file = { id: this.nextId++, directory, at, path: join(path, name), size, old };
      if (repeated) this.storing.afterThese(() => this.toBeRead(file));
      else this.toBeRead(file);
    }
    const children = this.lines.compared(directory, found).map((child, i) => {
      const { mode = 0, mtime = 0, ignoreFiles = [] } = found.directories[i] ?? {};
      return { directory: child, job: this.walkOf({ path: child.path, mode, mtime }, ignoreFiles) };
    });
    // The first one last, since the end is taken first.
    for (const child of children.reverse()) this.toWalk.push(child);
  }

  private toBeRead(file: FileToRead): void {
    if (this.toRead.length === 0) this.waitsSince = this.walks;
    this.toRead.push(file);
  }

  private async read(thread: PoolThread, batch: FileToRead[]): Promise<void> {
    await this.files.read(thread, batch);
    await this.goOn();
  }

  private walkOf(directory: DirectoryTimes, ignoreFiles: IgnoreFile[]): DirectoryToWalk {
    return { ...directory, previous: this.lines.previousRange(directory.path), ignoreFiles };
  }

  // A job is done.
  private async goOn(): Promise<void> {
    if (this.use.stopAtChange && this.tally.result.changed) {
      this.isStopped = true;
      this.lanes.stop();
    }
    await this.lines.write();
    this.report();
  }

  // What was to be written does not come.
  private giveUp(): void {
    this.files.giveUp();
    this.storing.giveUp();
  }

  private report(): void {
    const now = performance.now();
    if (now - this.lastProgress < PROGRESS_MS) return;
    this.lastProgress = now;
    this.tell();
  }

  private tell(more: Pick<Progress, 'shortage'> = {}): void {
    const { files, bytes } = this.tally.result.counts;
    const { expectedFiles, onProgress } = this.tree;
    onProgress({ phase: 'scanning', files, bytes, ...(expectedFiles === undefined ? {} : { expectedFiles }), ...more });
  }
}
