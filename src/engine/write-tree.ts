/**
 * Writes one tree and its manifest: hands directories and files to the pool's threads, decides where contents go, and
 * puts the lines in order. Per changed file this costs a message each way; what is unchanged never comes by here.
 */
import type { ManifestText, Range } from './store/manifest-file.js';
import type { ManifestWriter } from './store/manifest-file.js';
import { formatEntry } from './store/manifest.js';
import { PhlbError } from './errors.js';
import type { ExcludedCount, PathError, Progress, RunCounts } from './model.js';
import { join } from './names.js';
import { sourceTags, type DirectoryScan, type ScanDirectory } from './scan/directory.js';
import type { DirectoryTimes, FileFacts, PlaceReply, ReadReply, ReadRequest } from './transfer/jobs.js';
import { contentKey, type Placement } from './transfer/placement.js';
import type { Pool, PoolThread } from './transfer/pool.js';
import { nsToMicros } from './times.js';

export interface TreeRequest {
  pool: Pool;
  previous: { id: string; manifest: ManifestText } | null;
  device: bigint;
  trustCtime: boolean;
  /** `null`: nothing is placed, files are only hashed */
  placement: Placement | null;
  manifest: ManifestWriter | null;
  /** stop at the first difference */
  stopAtChange: boolean;
  onProgress: (progress: Progress) => void;
  cancelled: () => boolean;
}

export interface TreeResult {
  counts: RunCounts;
  excluded: ExcludedCount[];
  errors: PathError[];
  damaged: { path: string; snapshot: string }[];
  /** the manifest's lines differ from the previous ones */
  changed: boolean;
  /** directories whose lines differ */
  changedDirectories: Set<string>;
  /** entries of the previous manifest that are no longer there */
  gone: number;
  inodeOnly: number;
  /** files read whose content or metadata is not what the previous snapshot has */
  changedFiles: number;
}

/** A file on its way: which line of which directory it fills. */
interface Ticket {
  id: number;
  directory: DirectoryState;
  at: number;
  path: string;
  size: number;
  was: string | undefined;
}

interface DirectoryState {
  path: string;
  scan: DirectoryScan | undefined;
  /** files whose lines are missing */
  open: number;
  children: DirectoryState[];
}

const SCAN_BATCH = 8;
const READ_BATCH_FILES = 64;
const READ_BATCH_BYTES = 4 << 20;
// Two jobs a thread: one under way, one at hand.
const LANES = 2;

export function writeTree(request: TreeRequest): Promise<TreeResult> {
  return new TreeRun(request).run();
}

class TreeRun {
  private readonly toScan: { state: DirectoryState; scan: ScanDirectory }[] = [];
  private readonly toRead: Ticket[] = [];
  private readonly root: DirectoryState = { path: '', scan: undefined, open: 0, children: [] };
  /** directories whose lines are not yet written, the next one last */
  private readonly toWrite: DirectoryState[] = [this.root];
  private readonly times: DirectoryTimes[] = [];
  private readonly excluded = new Map<string, ExcludedCount>();
  private nextId = 1;
  private busy = 0;
  private stopped = false;
  private wake: (() => void)[] = [];
  private lastProgress = 0;

  private readonly result: TreeResult = {
    counts: {
      files: 0,
      directories: 0,
      symlinks: 0,
      bytes: 0,
      unchangedFiles: 0,
      linkedFiles: 0,
      copiedFiles: 0,
      copiedBytes: 0,
      linkedBytes: 0,
    },
    excluded: [],
    errors: [],
    damaged: [],
    changed: false,
    changedDirectories: new Set(),
    gone: 0,
    inodeOnly: 0,
    changedFiles: 0,
  };

  constructor(private readonly request: TreeRequest) {}

  async run(): Promise<TreeResult> {
    this.toScan.push({ state: this.root, scan: { path: '', previous: this.previousRange(''), ignoreFiles: [] } });
    const lanes = this.request.pool.threads.flatMap(thread => Array.from({ length: LANES }, () => this.lane(thread)));
    const outcomes = await Promise.allSettled(lanes);
    const failure = outcomes.find(outcome => outcome.status === 'rejected');
    if (failure) throw failure.reason;
    this.result.excluded = [...this.excluded.values()].sort((a, b) => (a.rule < b.rule ? -1 : 1));
    if (!this.stopped) await this.finishDirectories();
    return this.result;
  }

  private async lane(thread: PoolThread): Promise<void> {
    try {
      for (;;) {
        if (this.request.cancelled()) throw new PhlbError('cancelled', 'Cancelled');
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
      throw error;
    }
  }

  // Reading comes first once a batch is full: it frees lines to be written. Directories go depth first, for the same.
  private nextJob(): ((thread: PoolThread) => Promise<void>) | undefined {
    if (this.toRead.length >= READ_BATCH_FILES || (this.toScan.length === 0 && this.toRead.length > 0)) {
      const batch = this.takeReads();
      return thread => this.read(thread, batch);
    }
    if (this.toScan.length === 0) return undefined;
    // Leave work for the other threads while there is little of it.
    const count = Math.min(SCAN_BATCH, Math.ceil(this.toScan.length / this.request.pool.threads.length));
    const batch = this.toScan.splice(this.toScan.length - count, count);
    return thread => this.scan(thread, batch);
  }

  private takeReads(): Ticket[] {
    const batch: Ticket[] = [];
    let bytes = 0;
    while (batch.length < READ_BATCH_FILES && bytes < READ_BATCH_BYTES) {
      const ticket = this.toRead.pop();
      if (!ticket) break;
      batch.push(ticket);
      bytes += ticket.size;
    }
    return batch;
  }

  private async scan(thread: PoolThread, batch: { state: DirectoryState; scan: ScanDirectory }[]): Promise<void> {
    const scans = await thread.run(
      'scan',
      batch.map(item => item.scan),
    );
    scans.forEach((scan, i) => {
      const state = batch[i]?.state;
      if (state) this.take(state, scan);
    });
    await this.writeLines();
    this.report();
  }

  private take(state: DirectoryState, scan: DirectoryScan): void {
    const { result } = this;
    const { counts } = result;
    state.scan = scan;
    state.open = scan.pending.length;
    counts.files += scan.files;
    counts.unchangedFiles += scan.files;
    counts.bytes += scan.bytes;
    counts.linkedBytes += scan.bytes;
    counts.symlinks += scan.symlinks;
    counts.directories += scan.directories.length;
    result.gone += scan.gone;
    result.inodeOnly += scan.inodeOnly;
    result.errors.push(...scan.errors);
    for (const path of scan.damaged) result.damaged.push({ path, snapshot: this.request.previous?.id ?? '' });
    for (const one of scan.excluded) this.addExcluded(one);
    // A file that is only suspect leaves its line as it was when its content turns out the same.
    if (scan.lines && (scan.pending.length === 0 || scan.pending.some(p => p.was === undefined))) this.differ();
    for (const pending of scan.pending) {
      this.toRead.push({
        id: this.nextId++,
        directory: state,
        at: pending.at,
        path: join(scan.path, pending.name),
        size: pending.size,
        was: pending.was,
      });
    }
    state.children = scan.directories.map(child => {
      const path = join(scan.path, child.name);
      this.times.push({ path, mode: child.mode, mtime: nsToMicros(child.mtime) });
      return { path, scan: undefined, open: 0, children: [] };
    });
    // The first one last, since the end is taken first.
    for (let i = state.children.length - 1; i >= 0; i--) {
      const child = state.children[i];
      const ignoreFiles = scan.directories[i]?.ignoreFiles ?? [];
      if (child) {
        const { path } = child;
        this.toScan.push({ state: child, scan: { path, previous: this.previousRange(path), ignoreFiles } });
      }
    }
  }

  private async read(thread: PoolThread, batch: Ticket[]): Promise<void> {
    const { placement } = this.request;
    const stage = placement ? 'keep' : 'hash';
    const requests: ReadRequest[] = batch.map(({ id, path }) => ({ id, path, stage }));
    const replies = await thread.run('read', requests);
    const tickets = new Map(batch.map(ticket => [ticket.id, ticket]));
    const read: { id: number; path: string; facts: FileFacts }[] = [];
    for (const reply of replies) {
      const ticket = tickets.get(reply.id);
      if (!ticket) continue;
      if ('error' in reply) this.fail(ticket, reply);
      else if (placement) read.push({ id: reply.id, path: ticket.path, facts: reply.facts });
      else this.compared(ticket, reply.facts);
    }
    if (placement) await this.place(thread, placement, read, tickets);
    await this.writeLines();
    this.report();
  }

  private async place(
    thread: PoolThread,
    placement: Placement,
    read: { id: number; path: string; facts: FileFacts }[],
    tickets: Map<number, Ticket>,
  ): Promise<void> {
    const keys = new Map(read.map(({ id, facts }) => [id, contentKey(facts)]));
    const { now, later } = await placement.decide(read);
    const settle = (replies: PlaceReply[]): void => {
      for (const reply of replies) {
        const ticket = tickets.get(reply.id);
        if (!ticket) continue;
        if ('error' in reply) this.fail(ticket, reply);
        else {
          placement.placed(ticket.path, reply);
          this.stored(ticket, reply);
        }
        // Also when the file was read a second time and had become another.
        placement.failed(keys.get(reply.id) ?? '');
      }
    };
    settle(await thread.run('place', now));
    if (later.length === 0) return;
    await Promise.all(later.map(one => one.ready));
    // What was to come may have failed: then the first of these writes it.
    settle(
      await thread.run(
        'place',
        later.map(({ id, key }) => ({ id, candidates: placement.candidates(key) })),
      ),
    );
  }

  private stored(ticket: Ticket, reply: Extract<PlaceReply, { how: string }>): void {
    const { counts } = this.result;
    const { facts } = reply;
    counts.files++;
    counts.bytes += facts.size;
    if (reply.how === 'linked') {
      counts.linkedFiles++;
      counts.linkedBytes += facts.size;
    } else {
      counts.copiedFiles++;
      counts.copiedBytes += facts.size;
    }
    for (const one of reply.damaged) this.result.damaged.push({ path: one.name, snapshot: one.snapshot });
    if (facts.unstable) {
      this.result.errors.push({
        path: ticket.path,
        code: 'ECHANGING',
        message: 'It kept changing while it was read; stored as read',
      });
    }
    if (ticket.was !== undefined && ticket.was !== facts.sha256) this.differ();
    if (ticket.was !== facts.sha256) this.result.changedFiles++;
    const storedMtime = reply.storedMtime === nsToMicros(facts.mtime) ? undefined : reply.storedMtime;
    this.fill(
      ticket,
      formatEntry({
        path: ticket.path,
        type: 'file',
        mode: facts.mode,
        uid: facts.uid,
        gid: facts.gid,
        size: facts.size,
        mtime: facts.mtime,
        sha256: facts.sha256,
        ...sourceTags(this.request, { ctimeNs: facts.ctime, ino: facts.inode, dev: facts.dev, nlink: facts.nlink }),
        ...(storedMtime === undefined ? {} : { storedMtime }),
      }),
    );
  }

  // Nothing is stored, only compared or counted.
  private compared(ticket: Ticket, facts: FileFacts): void {
    const { counts } = this.result;
    counts.files++;
    counts.bytes += facts.size;
    if (ticket.was === facts.sha256) {
      counts.linkedFiles++;
      counts.linkedBytes += facts.size;
    } else {
      counts.copiedFiles++;
      counts.copiedBytes += facts.size;
      this.differ();
    }
    this.fill(ticket, '');
  }

  private fail(ticket: Ticket, reply: Extract<ReadReply | PlaceReply, { error: PathError }>): void {
    this.result.errors.push(reply.error);
    this.differ();
    this.fill(ticket, '');
  }

  private fill(ticket: Ticket, line: string): void {
    const { scan } = ticket.directory;
    if (scan?.lines) scan.lines[ticket.at] = line;
    ticket.directory.open--;
  }

  // Writes what is complete, in order, and forgets it.
  private async writeLines(): Promise<void> {
    const { manifest, previous } = this.request;
    for (let state = this.toWrite.at(-1); state?.scan && state.open === 0; state = this.toWrite.at(-1)) {
      this.toWrite.pop();
      const { path, scan, children } = state;
      if (scan.lines) {
        this.result.changedDirectories.add(path);
        const lines = scan.lines.filter(line => line !== '');
        if (lines.length > 0) manifest?.text(lines.join('\n') + '\n');
      } else {
        const range = this.previousRange(path);
        if (range && previous) manifest?.text(previous.manifest.bytes.toString('latin1', range.start, range.end));
      }
      for (let i = children.length - 1; i >= 0; i--) {
        const child = children[i];
        if (child) this.toWrite.push(child);
      }
      state.scan = undefined;
    }
    await manifest?.drained();
  }

  private async finishDirectories(): Promise<void> {
    if (!this.request.placement) return;
    const { threads } = this.request.pool;
    const share = Math.ceil(this.times.length / threads.length);
    await Promise.all(threads.map((thread, i) => thread.run('finish', this.times.slice(i * share, (i + 1) * share))));
  }

  private differ(): void {
    this.result.changed = true;
    if (this.request.stopAtChange) this.stopped = true;
  }

  private previousRange(path: string): Range | null {
    return this.request.previous?.manifest.groups.get(path) ?? null;
  }

  private addExcluded(one: ExcludedCount): void {
    const sum = this.excluded.get(one.rule);
    if (sum) {
      sum.directories += one.directories;
      sum.files += one.files;
    } else this.excluded.set(one.rule, { ...one });
  }

  private report(): void {
    const now = performance.now();
    if (now - this.lastProgress < 100) return;
    this.lastProgress = now;
    const { files, bytes } = this.result.counts;
    this.request.onProgress({ phase: 'scanning', files, bytes });
  }

  private wakeAll(): void {
    for (const wake of this.wake.splice(0)) wake();
  }
}
