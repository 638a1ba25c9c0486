import type { DirectoryTimes } from '../threads/jobs.js';
import type { Pool, PoolThread } from '../threads/pool.js';
import { storedMtimeOf, tryParseEntry } from '../store/manifest.js';
import type { LinkCandidate } from '../transfer/candidate.js';
import { contentKey, isContentOf, type FileFacts } from '../words/contents.js';
import { join } from '../words/names.js';
import type { FileToRead, FileWork } from './file-work.js';
import type { FileToPlace, Placement } from './placement.js';
import type { TreeOutput } from './tree-output.js';
import type { StoringJobs } from './storing-jobs.js';

/** Of a run that stores: files are read, and then each is placed where `Placement` decides, on the thread that holds it. */
export class PlacedFiles implements FileWork {
  constructor(
    /** `tree`: the last snapshot's, absolute */
    private readonly request: { pool: Pool; previous: { id: string; tree: string } | null },
    private readonly placement: Placement,
    private readonly output: TreeOutput,
    private readonly jobs: StoringJobs,
  ) {}

  async read(thread: PoolThread, batch: FileToRead[]): Promise<void> {
    const job = this.jobs.begin();
    const replies = await thread.run(
      'read',
      batch.map(({ id, path, size }) => ({ id, path, size })),
    );
    const files = new Map(batch.map(file => [file.id, file]));
    const read: FileToPlace[] = [];
    for (const reply of replies) {
      const file = files.get(reply.id);
      if (!file) continue;
      if ('error' in reply) this.output.failed(file, reply.error);
      else if ('how' in reply) this.output.stored(file, reply);
      else read.push(this.toPlace(file, reply.facts));
    }
    this.jobs.end(job);
    for (let open = read; open.length > 0 && !this.jobs.isGivenUp;) open = await this.place(thread, open, files);
  }

  async finish(directories: DirectoryTimes[]): Promise<void> {
    const threads = this.request.pool.forMoments;
    const share = Math.ceil(directories.length / threads.length);
    const told = await Promise.all(
      threads.map((thread, i) => thread.run('finish', directories.slice(i * share, (i + 1) * share))),
    );
    for (const error of told.flat()) this.output.tally.failed(undefined, error);
  }

  giveUp(): void {
    this.placement.giveUp();
  }

  private toPlace({ id, path, old }: FileToRead, facts: FileFacts): FileToPlace {
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

  // Places what can be placed now. Returns what cannot, once it is worth another try.
  private async place(
    thread: PoolThread,
    open: FileToPlace[],
    files: ReadonlyMap<number, FileToRead>,
  ): Promise<FileToPlace[]> {
    const { placement, output } = this;
    const { now, later } = await placement.decide(open, () => this.jobs.told());
    const again = later.map(({ file }) => file);
    const toPlace = new Map(open.map(file => [file.id, file]));
    const replies = await thread.run('place', now);
    replies.forEach((reply, i) => {
      const placed = toPlace.get(reply.id);
      const file = files.get(reply.id);
      if (!placed || !file) return;
      const key = contentKey(placed.facts);
      if ('refused' in reply) {
        output.tally.damage(reply.damaged);
        placement.spent(key, now[i]?.candidates ?? []);
        again.push({ ...placed, before: undefined });
      } else if ('error' in reply) {
        output.failed(file, reply.error);
        placement.failed(placed.facts, reply.id);
      } else {
        placement.placed(file.path, reply);
        output.stored(file, reply);
      }
    });
    await Promise.all(later.map(one => one.ready));
    return again;
  }
}
