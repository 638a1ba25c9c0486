import type { MessagePort } from 'node:worker_threads';
import { toErrorData } from '../errors.js';
import { Executor } from './executor.js';
import type { Jobs } from './jobs.js';
import type { JobAnswer, JobMessage } from './pool.js';

/** The thread's side of `startPool`. */
export function servePool(port: MessagePort): void {
  const executor = new Executor();
  port.on('message', ({ name, request }: JobMessage) => {
    let answer: JobAnswer;
    try {
      answer = { result: executor.execute(name, request as Jobs[typeof name][0]) };
    } catch (error) {
      answer = { error: toErrorData(error) };
    }
    port.postMessage(answer);
  });
}
