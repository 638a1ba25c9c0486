import assert from 'node:assert/strict';
import { runEpisode } from '../soak/episode.js';

const SEED = 20160107;
const SECONDS = 25;

describe('A random history of a backup location', function () {
  this.timeout(120_000 + SECONDS * 1000);

  it('with damage, kills and several processes keeps every snapshot whole (npm run test:soak does it for longer)', async () => {
    const done = await runEpisode({ seed: SEED, steps: 60, until: performance.now() + SECONDS * 1000 });
    assert.ok(done > 0, 'no step was done');
  });
});
