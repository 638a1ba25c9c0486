/** Messages between two processes over pipes, each waiting for the other: a length, then JSON. */
import { readSync, writeSync } from 'node:fs';

export interface ProgramStart {
  program: string;
  args: readonly string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** base64 */
  input: string | null;
}

export interface ProgramEnd {
  status: number | null;
  signal: NodeJS.Signals | null;
  /** base64 */
  stdout: string;
  stderr: string;
  error: { message: string; code: string | undefined } | null;
}

export function writeMessage(fd: number, message: object): void {
  const text = Buffer.from(JSON.stringify(message));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  const bytes = Buffer.concat([length, text]);
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at);
}

/** `undefined`: the other process has ended. */
export function readMessage<T>(fd: number): T | undefined {
  const length = readBytes(fd, 4);
  const text = length && readBytes(fd, length.readUInt32LE());
  return text && (JSON.parse(text.toString()) as T);
}

function readBytes(fd: number, count: number): Buffer | undefined {
  const bytes = Buffer.alloc(count);
  for (let at = 0; at < count;) {
    const read = readSync(fd, bytes, at, count - at, null);
    if (read === 0) return undefined;
    at += read;
  }
  return bytes;
}
