import type { MessagePort } from 'node:worker_threads';
import { toErrorData } from '../words/errors.js';
import { Executor } from './executor.js';
import type { Jobs } from './jobs.js';
import type { Answer } from './thread-calls.js';
import type { JobMessage } from './thread-stock.js';

/** The thread's side of `ThreadStock`. */
export function servePool(port: MessagePort): void {
  const executor = new Executor();
  const reply = (answer: Answer): void => port.postMessage(answer);
  const answer = async ({ id, name, request }: JobMessage): Promise<void> => {
    try {
      reply({ id, result: await executor.execute(name, request as Jobs[typeof name][0]) });
    } catch (error) {
      reply({ id, error: toErrorData(error) });
    }
  };
  port.on('message', (message: JobMessage) => void answer(message));
  // Nobody would be told which job it was: the thread ends, and with it all of its jobs.
  port.on('messageerror', error => {
    throw error;
  });
}
