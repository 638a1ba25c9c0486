/** The worker's thread: answers the host's calls, each begun as it comes. */
import { setPriority } from 'node:os';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { isCancelled } from '../engine/words/call.js';
import type { Progress } from '../engine/words/model.js';
import { Engine } from './engine.js';
import type { CallMessage, ReplyMessage, TakenMessage, WorkerData } from './protocol.js';

/** Of 19: the host's own thread gets nine times as much of a processor that both want (sched(7)). */
const NICENESS = 10;

if (parentPort) {
  const { background, onThreads } = workerData as WorkerData;
  if (background) giveWay();
  serveCalls(parentPort, onThreads);
}

// On Linux the number 0 stands for this thread alone, and the threads that it starts are as nice; elsewhere for the process.
function giveWay(): void {
  if (process.platform === 'linux') setPriority(0, NICENESS);
}

function serveCalls(port: MessagePort, onThreads: boolean): void {
  const engine = new Engine(onThreads);
  /** of the calls that wait until what they have found was taken */
  const taken = new Map<number, () => void>();
  const answer = async ({ id, name, request, cancel }: CallMessage): Promise<void> => {
    const reply = (message: ReplyMessage): void => port.postMessage(message);
    const onProgress = (progress: Progress): void => reply({ id, progress });
    const take = async (items: readonly unknown[]): Promise<void> => {
      // Nobody would take them.
      if (isCancelled({ cancel })) return;
      await new Promise<void>(resolve => {
        taken.set(id, resolve);
        reply({ id, items });
      });
    };
    reply({ id, ...(await engine.call(name, request as never, { cancel, onProgress, take })) });
    taken.delete(id);
  };
  port.on('message', (message: CallMessage | TakenMessage) => {
    if ('taken' in message) taken.get(message.taken)?.();
    else void answer(message);
  });
  // Nobody would be told which call it was: the thread ends, and with it all of its calls.
  port.on('messageerror', error => {
    throw error;
  });
}
