import * as assert from 'node:assert/strict';
import type { Progress } from '../../src/engine/words/model.js';
import { Estimate, type TimeLeft } from '../../src/host/editor/time-left.js';

type Known = Omit<Progress, 'phase' | 'bytes'> & { bytes?: number; phase?: Progress['phase'] };

describe('The time that is left', () => {
  let now: number;
  let estimate: Estimate;
  const after = (seconds: number, { phase = 'verifying', bytes = 0, ...rest }: Known): TimeLeft | undefined => {
    now += 1000 * seconds;
    return estimate.after({ phase, bytes, ...rest });
  };

  beforeEach(() => {
    now = 5_000_000;
    estimate = new Estimate(() => now);
  });

  it('is told from ten seconds on, no finer than it can be known', () => {
    after(0, { files: 0, totalFiles: 1000 });
    assert.equal(after(9, { files: 30, totalFiles: 1000 }), undefined, 'nobody asks yet');
    assert.deepEqual(after(3, { files: 40, totalFiles: 1000 }), { minutes: 5 });
    assert.deepEqual(after(18, { files: 50, totalFiles: 1000 }), { minutes: 10 }, 'it has become slower');
    assert.deepEqual(after(20, { files: 500, totalFiles: 1000 }), 'soon');
    assert.equal(after(50, { files: 1000, totalFiles: 1000 }), undefined, 'it is done');
  });

  it('is told in hours where it is that long, and not at all where nobody can know', () => {
    after(0, { files: 0, totalFiles: 100_000 });
    assert.deepEqual(after(60, { files: 500, totalFiles: 100_000 }), { hours: 3 });
    assert.equal(after(3540, { files: 501, totalFiles: 100_000 }), undefined);
  });

  it('goes by bytes where they are known: a million small files take no time beside a large one', () => {
    after(0, { files: 0, totalFiles: 10, totalBytes: 1000 });
    assert.deepEqual(after(60, { files: 9, totalFiles: 10, bytes: 250, totalBytes: 1000 }), { minutes: 3 });
  });

  it('begins anew with each phase and each folder, else the first one spoils what is said of the next', () => {
    after(0, { files: 0, totalFiles: 100 });
    assert.deepEqual(after(600, { files: 50, totalFiles: 100 }), { minutes: 10 });
    assert.equal(after(0, { phase: 'restoring', files: 10, totalFiles: 100 }), undefined);
    assert.deepEqual(after(20, { phase: 'restoring', files: 20, totalFiles: 100 }), { minutes: 3 });
    assert.equal(after(1, { phase: 'restoring', files: 1, totalFiles: 100 }), undefined, 'the next one');
  });

  it('is not told of a guess that is nearly used up, nor of what has no end', () => {
    after(0, { phase: 'scanning', files: 0, expectedFiles: 1000 });
    assert.deepEqual(after(60, { phase: 'scanning', files: 500, expectedFiles: 1000 }), { minutes: 1 });
    assert.equal(after(54, { phase: 'scanning', files: 960, expectedFiles: 1000 }), undefined);
    assert.equal(after(54, { phase: 'scanning', files: 5000, expectedFiles: 1000 }), undefined);
    assert.equal(after(60, { files: 1000 }), undefined);
  });
});
