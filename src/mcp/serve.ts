/** The Model Context Protocol server, on standard streams: all that the command `phlb mcp` does. */
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { join, parse } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { errno } from '../engine/words/errors.js';
import type { StoreLocation } from '../engine/words/model.js';
import { EngineClient } from '../worker/client.js';
import { heardWhileRead } from './heard.js';
import { makeServer } from './server.js';

/** Longer than any call: what is longer is no message of a client. */
const MOST_BYTES = 1024 * 1024;

/** Whoever sends nonsense is told a few times. */
const MOST_DIAGNOSES = 20;
const LONGEST_DIAGNOSIS = 500;

export interface McpOptions {
  location: StoreLocation;
  /** absolute: what is in the scope where the client has no roots */
  start: string;
  /** absolute: what `--source` names */
  named: string | undefined;
  /** absolute */
  home: string | undefined;
  stdin: Readable;
  /** Carries the protocol, and nothing else. */
  stdout: Writable;
  /** asks it to end */
  stop: AbortSignal;
  diagnose(line: string): void;
}

/**
 * Serves one client, until it closes its end or `stop` asks for the end. What runs then is cancelled and cleans up first. The engine
 * is on a thread of its own, so that the client is heard meanwhile.
 * @returns `failed` when the client sends what is no message
 */
export async function serveMcp(options: McpOptions): Promise<'closed' | 'stopped' | 'failed'> {
  const { location, start, named, home, stdin, stdout, stop, diagnose } = options;
  // No thread starts in a folder that is gone, and folders go while a server runs.
  process.chdir(parse(process.execPath).root);
  const engine = new EngineClient(join(__dirname, 'worker.js'));
  // Each answer that waits to be read listens for its turn, more than Node takes for a mistake.
  stdout.setMaxListeners(0);
  const transport = new StdioServerTransport(heardWhileRead(stdin, stdout), stdout, { maxBufferSize: MOST_BYTES });
  let failed = false;
  let diagnoses = 0;
  const ended = endOf(transport, stop);
  const surroundings = { engine, location, start, named, home, root: location.root };
  const server = serveStdio(() => makeServer(surroundings), {
    transport,
    onerror: error => {
      if (/^ReadBuffer exceeded/.test(error.message)) failed = true;
      // A client that has gone is no news.
      if (errno(error) === 'EPIPE') return;
      if (++diagnoses <= MOST_DIAGNOSES) diagnose(error.message.slice(0, LONGEST_DIAGNOSIS));
    },
  });
  await ended();
  await engine.close();
  await server.close();
  stdin.destroy();
  if (failed) return 'failed';
  return stop.aborted ? 'stopped' : 'closed';
}

// Whoever serves the transport puts its own handlers there, too.
function endOf(transport: StdioServerTransport, stop: AbortSignal): () => Promise<void> {
  let close = (): void => undefined;
  const closed = new Promise<void>(resolve => (close = resolve));
  return () => {
    const before = transport.onclose;
    transport.onclose = () => {
      before?.();
      close();
    };
    if (stop.aborted) close();
    stop.addEventListener('abort', close, { once: true });
    return closed;
  };
}
