import assert from 'node:assert/strict';
import type { FileToRead } from '../../src/engine/run/file-work.js';
import { PlacedFiles } from '../../src/engine/run/placed-files.js';
import { Placement } from '../../src/engine/run/placement.js';
import { StoringJobs } from '../../src/engine/run/storing-jobs.js';
import type { TreeOutput } from '../../src/engine/run/tree-output.js';
import type { Pool, PoolThread } from '../../src/engine/threads/pool.js';
import { Claims } from '../../src/engine/transfer/claims.js';
import type { PlaceRequest } from '../../src/engine/transfer/requests.js';
import type { FileFacts } from '../../src/engine/words/contents.js';

const SHA256 = 'a'.repeat(64);
const facts = { sha256: SHA256, mode: 0o644, size: 1_100_000 } as FileFacts;
const place = { path: 'first', mtime: 1 };

describe('Two threads that read the same content at the same time', () => {
  it('store it once, also if the first is interrupted between taking and storing it', async () => {
    const claims = new Claims(Claims.share(16));
    const placement = new Placement('/partial', claims, () => []);
    const output = { stored: () => undefined, tally: { damage: () => undefined } } as unknown as TreeOutput;
    const files = new PlacedFiles(
      { pool: undefined as unknown as Pool, previous: null },
      placement,
      output,
      new StoringJobs(),
    );
    assert.equal(claims.take(SHA256, 0o444, 'first'), 'first');

    let goOn = (): void => undefined;
    const interrupted = new Promise<void>(resolve => (goOn = resolve));
    const first = files.read(
      thread({
        read: async () => {
          await interrupted;
          claims.placed(SHA256, 0o444, place);
          return [{ id: 1, how: 'copied', facts, storedMtime: 1, damaged: [] }];
        },
      }),
      [file(1, 'first')],
    );
    const asked: PlaceRequest[] = [];
    const second = files.read(
      thread({
        read: () => Promise.resolve([{ id: 2, facts }]),
        place: requests => {
          asked.push(...(requests as PlaceRequest[]));
          return Promise.resolve(asked.map(({ id }) => ({ id, how: 'linked', facts, storedMtime: 1, damaged: [] })));
        },
      }),
      [file(2, 'second')],
    );
    // The second one is decided as far as it can be.
    await new Promise(resolve => setImmediate(resolve));
    goOn();
    await Promise.all([first, second]);
    assert.deepEqual(
      asked.map(({ id, orWrite, candidates }) => [id, orWrite, candidates[0]?.path]),
      [[2, false, '/partial/first']],
    );
  });
});

function file(id: number, path: string): FileToRead {
  return {
    id,
    path,
    size: facts.size,
    old: undefined,
    at: 0,
    directory: undefined as unknown as FileToRead['directory'],
  };
}

function thread(jobs: Record<string, (requests: unknown[]) => Promise<unknown[]>>): PoolThread {
  const run = (job: string, requests: unknown[]): Promise<unknown[]> => jobs[job]?.(requests) ?? Promise.resolve([]);
  return { run } as unknown as PoolThread;
}
