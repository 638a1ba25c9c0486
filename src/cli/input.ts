/** What comes in: a person's answer, or what another program hands over. */
import { PhlbError } from '../engine/words/errors.js';
import type { Session } from './session.js';
import type { Input } from './world.js';

/** After so long without a word, what has come is all if it is complete: some never close what they write to. Ms. */
const SILENCE_MS = 500;
/** Ms. */
const PATIENCE_MS = 10_000;

/**
 * All that comes in, up to `mostBytes`; what comes after is read, so that its writer can go on, and dropped.
 * @returns `undefined`: it was more
 */
export function readInput(input: Input, mostBytes: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  let silence: NodeJS.Timeout | undefined;
  const text = (): string => Buffer.concat(chunks).toString('utf8');
  return new Promise((resolve, reject) => {
    const end = (error?: Error): void => {
      clearTimeout(silence);
      clearTimeout(patience);
      input.destroy();
      if (error) reject(error);
      else resolve(length > mostBytes ? undefined : text());
    };
    const patience = setTimeout(end, PATIENCE_MS);
    input.on('data', (data: Buffer | string) => {
      const chunk = Buffer.from(data);
      length += chunk.length;
      if (length <= mostBytes) chunks.push(chunk);
      clearTimeout(silence);
      silence = setTimeout(() => {
        if (length > mostBytes || isComplete(text())) end();
      }, SILENCE_MS);
    });
    input.once('end', () => end());
    input.once('error', end);
  });
}

/** Asks a person; anything but a yes is a no. @throws PhlbError `cancelled` for Ctrl-C */
export async function confirm(session: Session, question: string): Promise<boolean> {
  session.terminal.ask(`${question} (y/N) `);
  return /^\s*y(es)?\s*$/i.test(await line(session.world.stdin(), session.signal));
}

function line(input: Input, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const add = (data: Buffer | string): void => {
      text += data.toString();
      if (text.includes('\n') || text.length > 1000) end();
    };
    const cancel = (): void => {
      input.off('data', add).off('end', end).pause();
      reject(PhlbError.cancelled());
    };
    const end = (): void => {
      input.off('data', add).off('end', end).pause();
      signal.removeEventListener('abort', cancel);
      const [answer = '', ...more] = text.split('\n');
      // For the next question.
      if (more.join('') !== '' && !input.readableEnded) input.unshift(Buffer.from(more.join('\n')));
      resolve(answer);
    };
    if (input.readableEnded) return resolve('');
    signal.addEventListener('abort', cancel, { once: true });
    input.on('data', add).once('end', end).resume();
  });
}

function isComplete(json: string): boolean {
  try {
    JSON.parse(json);
    return true;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return false;
  }
}
