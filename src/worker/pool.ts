/** A thread of the pool: a script of its own, so that it loads nothing but what does the jobs. */
import { parentPort } from 'node:worker_threads';
import { servePool } from '../engine/threads/serve-pool.js';

if (parentPort) servePool(parentPort);
