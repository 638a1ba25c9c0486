/** The worker's thread: answers the host's calls, each as it comes; several may be under way, each with threads of its own. */
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { annotate } from '../engine/annotate.js';
import { backup } from '../engine/backup.js';
import type { Context } from '../engine/threads/context.js';
import { deleteSnapshots } from '../engine/delete.js';
import { diff } from '../engine/diff.js';
import { toErrorData } from '../engine/words/errors.js';
import { find } from '../engine/find.js';
import { forget } from '../engine/forget.js';
import { list } from '../engine/list.js';
import { ls } from '../engine/ls.js';
import type { Progress } from '../engine/words/model.js';
import { prune } from '../engine/prune.js';
import { purge } from '../engine/purge.js';
import { rebuild } from '../engine/rebuild.js';
import { restore } from '../engine/restore/restore.js';
import { scrub } from '../engine/scrub.js';
import { stats } from '../engine/stats.js';
import { poolSize, startPool, type Pool } from '../engine/threads/pool.js';
import { undo } from '../engine/restore/undo.js';
import { verify } from '../engine/verify/verify.js';
import { versions } from '../engine/versions.js';
import type { CallMessage, CallName, Calls, ReplyMessage } from './protocol.js';

/** Of 19: the host's own thread gets nine times as much of a processor that both want (sched(7)). */
const NICENESS = 10;

type Handlers = { [N in CallName]: (request: Calls[N][0], context: Context) => Calls[N][1] | Promise<Calls[N][1]> };

const handlers: Handlers = {
  annotate,
  backup,
  delete: deleteSnapshots,
  diff,
  find,
  forget,
  list,
  ls,
  prune,
  purge,
  rebuild,
  restore,
  scrub,
  stats,
  undo,
  verify,
  versions,
};

if (parentPort) {
  if (workerData?.background === true) giveWay();
  serveCalls(parentPort);
}

// On Linux the number 0 stands for this thread alone, and the threads that it starts are as nice; elsewhere for the process.
function giveWay(): void {
  if (process.platform === 'linux') setPriority(0, NICENESS);
}

function serveCalls(port: MessagePort): void {
  port.on('message', (message: CallMessage) => {
    const { id } = message;
    const reply = (answer: ReplyMessage): void => port.postMessage(answer);
    answerCall(message, progress => reply({ id, progress }))
      .then(result => reply({ id, result }))
      .catch((error: unknown) => reply({ id, error: toErrorData(error) }));
  });
  // Nobody would be told which call it was: the thread ends, and with it all of its calls.
  port.on('messageerror', error => {
    throw error;
  });
}

async function answerCall(message: CallMessage, onProgress: (progress: Progress) => void): Promise<unknown> {
  let pool: Pool | undefined;
  const context: Context = {
    pool: () => (pool ??= startPool(join(__dirname, 'pool.js'), poolSize())),
    cancel: message.cancel,
    onProgress,
  };
  try {
    const handle = handlers[message.name] as (request: unknown, context: Context) => unknown;
    return await handle(message.request, context);
  } finally {
    await pool?.close();
  }
}
