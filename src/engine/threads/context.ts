import type { Call } from '../words/call.js';
import type { Pool } from './pool.js';

/** What an operation is given besides its request. */
export interface Context extends Call {
  /** starts the threads, once, when an operation needs them */
  pool: () => Pool;
}
