/**
 * Writes one tree and its manifest: hands directories and files to the pool's threads, decides where contents go, and
 * puts the lines in order. Per changed file this costs a message each way; what is unchanged never comes by here.
 */
import { contentKey, isContentOf, type FileFacts } from '../words/contents.js';
import type { ManifestText } from '../store/manifest-text.js';
import { PhlbError } from '../words/errors.js';
import type { PathError, Progress } from '../words/model.js';
import { join } from '../words/names.js';
import type { DirectoryScan, ScanDirectory } from '../scan/scan.js';
import { fileLine } from '../scan/entries.js';
import type { IgnoreFile } from '../scan/ignore-files.js';
import { storedMtimeOf, tryParseEntry } from '../store/manifest.js';
import type { DirectoryTimes } from '../threads/jobs.js';
import type { LinkCandidate } from '../transfer/candidate.js';
import type { PlaceReply, ReadRequest } from '../transfer/requests.js';
import type { FileToPlace, Placement } from './placement.js';
import type { Pool, PoolThread } from '../threads/pool.js';
import { TreeLines, type DirectoryLines, type LineSink } from './tree-lines.js';
import { TreeTally, type TreeResult } from './tree-tally.js';

export interface TreeRequest {
  pool: Pool;
  /** `tree`: its absolute path */
  previous: { id: string; tree: string; manifest: ManifestText } | null;
  /** mode and time of the source folder itself */
  root: DirectoryTimes;
  device: bigint;
  trustCtime: boolean;
  /** `null`: nothing is placed, files are only hashed */
  placement: Placement | null;
  manifest: LineSink | null;
  /** stop at the first difference */
  stopAtChange: boolean;
  onProgress: (progress: Progress) => void;
  cancelled: () => boolean;
}

/** A file on its way: which line of which directory it fills. */
interface Ticket {
  id: number;
  directory: DirectoryLines;
  at: number;
  path: string;
  size: number;
  old: string | undefined;
}

const SCAN_BATCH = 32;
const READ_BATCH_FILES = 64;
const READ_BATCH_BYTES = 4 << 20;
// One file that waits holds up the lines of all that come after it, and they are kept in memory.
const READ_AFTER_SCANS = 16;
// Two jobs a thread: one under way, one at hand.
const LANES = 2;

export function writeTree(request: TreeRequest): Promise<TreeResult> {
  return new TreeRun(request).run();
}

class TreeRun {
  private readonly toScan: { directory: DirectoryLines; scan: ScanDirectory }[] = [];
  private readonly toRead: Ticket[] = [];
  /** files whose content another thread may be storing, each with the number of the first scan that surely is not */
  private readonly repeated: { until: number; ticket: Ticket }[] = [];
  private readonly scanning = new Set<number>();
  /** each called when the scans before that number have told what they have stored */
  private readonly waiters: { until: number; resolve: () => void }[] = [];
  private scans = 0;
  /** number of the scan after which the first of `toRead` was found */
  private waitsSince = 0;
  private readonly times: DirectoryTimes[] = [];
  private nextId = 1;
  private busy = 0;
  private stopped = false;
  private wake: (() => void)[] = [];
  private lastProgress = 0;
  private readonly tally = new TreeTally();
  private readonly lines: TreeLines;

  constructor(private readonly request: TreeRequest) {
    this.lines = new TreeLines(request.manifest, request.previous?.manifest);
  }

  async run(): Promise<TreeResult> {
    this.toScan.push({ directory: this.lines.root, scan: this.scanJob(this.request.root, []) });
    const lanes = this.request.pool.threads.flatMap(thread => Array.from({ length: LANES }, () => this.lane(thread)));
    const outcomes = await Promise.allSettled(lanes);
    const failure = outcomes.find(outcome => outcome.status === 'rejected');
    if (failure) throw failure.reason;
    if (!this.stopped) await this.finishDirectories();
    return this.tally.finish();
  }

  private async lane(thread: PoolThread): Promise<void> {
    try {
      for (;;) {
        if (this.request.cancelled()) throw PhlbError.cancelled();
        const job = this.stopped ? undefined : this.nextJob();
        if (job) {
          this.busy++;
          try {
            await job(thread);
          } finally {
            this.busy--;
            this.wakeAll();
          }
        } else if (this.busy === 0 || this.stopped) return this.wakeAll();
        else await new Promise<void>(resolve => this.wake.push(resolve));
      }
    } catch (error) {
      this.stopped = true;
      this.wakeAll();
      // What this lane was to write does not come.
      this.request.placement?.giveUp();
      this.releaseWaiting();
      throw error;
    }
  }

  // Reading comes first once it pays or has waited: it frees lines to be written. Directories go depth first, for the same.
  private nextJob(): ((thread: PoolThread) => Promise<void>) | undefined {
    if (this.isTimeToRead()) {
      const batch = this.takeReads();
      return thread => this.read(thread, batch);
    }
    if (this.toScan.length === 0) return undefined;
    // Leave work for the other threads while there is little of it.
    const count = Math.min(SCAN_BATCH, Math.ceil(this.toScan.length / this.request.pool.threads.length));
    const batch = this.toScan.splice(this.toScan.length - count, count);
    return thread => this.scan(thread, batch);
  }

  private isTimeToRead(): boolean {
    const waiting = this.toRead.length;
    if (waiting === 0) return false;
    const isOld = this.scans - this.waitsSince >= READ_AFTER_SCANS;
    return waiting >= READ_BATCH_FILES || isOld || this.toScan.length === 0;
  }

  // The first ones first: their lines are the next to be written.
  private takeReads(): Ticket[] {
    let count = 0;
    for (let bytes = 0; count < READ_BATCH_FILES && bytes < READ_BATCH_BYTES; count++) {
      bytes += this.toRead[count]?.size ?? READ_BATCH_BYTES;
    }
    this.waitsSince = this.scans;
    return this.toRead.splice(0, count);
  }

  private async scan(thread: PoolThread, batch: { directory: DirectoryLines; scan: ScanDirectory }[]): Promise<void> {
    const number = this.scans++;
    this.scanning.add(number);
    const { scans, tally } = await thread.run(
      'scan',
      batch.map(item => item.scan),
    );
    this.scanning.delete(number);
    this.tally.scanned(tally, this.request.previous?.id ?? '');
    this.stopAtChange();
    scans.forEach((scan, i) => {
      const item = batch[i];
      if (item) this.take(item.directory, item.scan, scan);
    });
    this.releaseWaiting();
    await this.lines.write();
    this.report();
  }

  private take(directory: DirectoryLines, { path, mode, mtime }: DirectoryTimes, scan: DirectoryScan): void {
    if (scan.pending.length > 0) this.times.push({ path, mode, mtime });
    for (const content of scan.stored) this.request.placement?.stored(content);
    for (const { name, at, size, old, repeated } of scan.pending) {
      const ticket = { id: this.nextId++, directory, at, path: join(path, name), size, old };
      if (repeated) this.repeated.push({ until: this.scans, ticket });
      else this.toBeRead(ticket);
    }
    const children = this.lines.scanned(directory, scan).map((child, i) => {
      const { mode = 0, mtime = 0, ignoreFiles = [] } = scan.directories[i] ?? {};
      return { directory: child, scan: this.scanJob({ path: child.path, mode, mtime }, ignoreFiles) };
    });
    // The first one last, since the end is taken first.
    for (const child of children.reverse()) this.toScan.push(child);
  }

  // Once every scan that was under way has told what it stored, the first file of each content is known.
  private releaseWaiting(): void {
    const oldest = this.stopped ? Infinity : Math.min(...this.scanning, this.scans);
    const told = this.waiters.findIndex(one => one.until > oldest);
    for (const { resolve } of this.waiters.splice(0, told < 0 ? Infinity : told)) resolve();
    const count = this.repeated.findIndex(one => one.until > oldest);
    for (const { ticket } of this.repeated.splice(0, count < 0 ? Infinity : count)) this.toBeRead(ticket);
  }

  private toBeRead(ticket: Ticket): void {
    if (this.toRead.length === 0) this.waitsSince = this.scans;
    this.toRead.push(ticket);
  }

  private scansTold(): Promise<void> {
    return new Promise(resolve => {
      this.waiters.push({ until: this.scans, resolve });
      this.releaseWaiting();
    });
  }

  private async read(thread: PoolThread, batch: Ticket[]): Promise<void> {
    const { placement } = this.request;
    const stage = placement ? 'keep' : 'hash';
    const requests: ReadRequest[] = batch.map(({ id, path, size }) => ({ id, path, size, stage }));
    const replies = await thread.run('read', requests);
    const tickets = new Map(batch.map(ticket => [ticket.id, ticket]));
    const read: FileToPlace[] = [];
    for (const reply of replies) {
      const ticket = tickets.get(reply.id);
      if (!ticket) continue;
      if ('error' in reply) this.fail(ticket, reply.error);
      else if (placement) read.push(this.toPlace(ticket, reply.facts));
      else this.compared(ticket, reply.facts);
    }
    if (placement) await this.place(thread, placement, read, tickets);
    await this.lines.write();
    this.report();
  }

  private toPlace({ id, path, old }: Ticket, facts: FileFacts): FileToPlace {
    const { previous } = this.request;
    const was = old === undefined ? undefined : tryParseEntry(old);
    if (!previous || !was || !isContentOf(facts, was)) return { id, path, facts };
    const before: LinkCandidate = {
      path: join(previous.tree, path),
      storedMtime: storedMtimeOf(was),
      snapshot: previous.id,
      name: path,
    };
    return { id, path, facts, before };
  }

  private async place(
    thread: PoolThread,
    placement: Placement,
    read: FileToPlace[],
    tickets: Map<number, Ticket>,
  ): Promise<void> {
    for (let open = read; open.length > 0 && !this.stopped;) {
      const { now, later } = await placement.decide(open, () => this.scansTold());
      const files = new Map(open.map(file => [file.id, file]));
      open = later.map(({ file }) => file);
      const replies = await thread.run('place', now);
      replies.forEach((reply, i) => {
        const file = files.get(reply.id);
        const ticket = tickets.get(reply.id);
        if (!file || !ticket) return;
        const key = contentKey(file.facts);
        if ('refused' in reply) {
          this.tally.damage(reply.damaged);
          placement.spent(key, now[i]?.candidates ?? []);
          open.push({ ...file, before: undefined });
        } else if ('error' in reply) {
          this.fail(ticket, reply.error);
          placement.failed(key, reply.id);
        } else {
          placement.placed(ticket.path, reply);
          this.stored(ticket, reply);
        }
      });
      await Promise.all(later.map(one => one.ready));
    }
  }

  private stored(ticket: Ticket, reply: Extract<PlaceReply, { how: string }>): void {
    const line = fileLine(this.request, ticket.path, reply.facts, reply.storedMtime);
    this.tally.stored(ticket.path, line, ticket.old, reply);
    this.fill(ticket, line);
  }

  private compared(ticket: Ticket, facts: FileFacts): void {
    const line = fileLine(this.request, ticket.path, facts, undefined);
    this.tally.compared(ticket.path, line, ticket.old, facts);
    this.fill(ticket, line);
  }

  private fail(ticket: Ticket, error: PathError): void {
    this.tally.failed(ticket.old, error);
    this.fill(ticket, '');
  }

  private fill(ticket: Ticket, line: string): void {
    this.lines.fill(ticket.directory, ticket.at, line);
    this.stopAtChange();
  }

  private async finishDirectories(): Promise<void> {
    if (!this.request.placement) return;
    const { threads } = this.request.pool;
    const share = Math.ceil(this.times.length / threads.length);
    const told = await Promise.all(
      threads.map((thread, i) => thread.run('finish', this.times.slice(i * share, (i + 1) * share))),
    );
    for (const error of told.flat()) this.tally.failed(undefined, error);
  }

  private stopAtChange(): void {
    if (this.request.stopAtChange && this.tally.result.changed) this.stopped = true;
  }

  private scanJob(directory: DirectoryTimes, ignoreFiles: IgnoreFile[]): ScanDirectory {
    return { ...directory, previous: this.lines.previousRange(directory.path), ignoreFiles };
  }

  private report(): void {
    const now = performance.now();
    if (now - this.lastProgress < 100) return;
    this.lastProgress = now;
    const { files, bytes } = this.tally.result.counts;
    this.request.onProgress({ phase: 'scanning', files, bytes });
  }

  private wakeAll(): void {
    for (const wake of this.wake.splice(0)) wake();
  }
}
