import assert from 'node:assert/strict';
import { runEpisode } from '../soak/episode.js';

const SEED = 20160107;
const STEPS = 60;

describe('A random history of a backup location', function () {
  this.timeout(STEPS * 10_000);

  it('with damage, kills and several processes keeps every snapshot whole (npm run test:soak does it for longer)', async () => {
    const done = await runEpisode({ seed: SEED, steps: STEPS, until: Infinity });
    assert.equal(done, STEPS);
  });
});
