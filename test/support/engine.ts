import { resolve } from 'node:path';
import type { StoreLocation } from '../../src/engine/words/model.js';
import { EngineClient } from '../../src/worker/client.js';
import type { Sandbox } from './sandbox.js';

/**
 * The engine as it is shipped, on a thread of this process: many calls cost less than as many processes.
 * @param onThreads whether the few files of a test are work for many threads, as many files are
 */
export function startEngine(onThreads = false): EngineClient {
  return new EngineClient(resolve('dist/worker.js'), { onThreads });
}

/** Where the command line of a sandbox has its store. */
export function locationOf(box: Sandbox): StoreLocation {
  return { root: box.root, index: `${box.state}/index`, state: box.state };
}
