/** A process that makes one call to the engine as the editor does, on a thread: `node one-call.js NAME REQUEST`, as JSON. */
import { join } from 'node:path';
import { toErrorData, fromErrorData } from '../../src/engine/words/errors.js';
import { EngineClient } from '../../src/worker/client.js';
import type { CallName } from '../../src/worker/protocol.js';

async function main([name = '', request = '']: string[]): Promise<void> {
  const client = new EngineClient(join(__dirname, '..', '..', '..', 'dist', 'worker.js'));
  try {
    await client.call(name as CallName, JSON.parse(request) as never);
  } catch (error) {
    console.error(`phlb: ${fromErrorData(toErrorData(error)).line}`);
    process.exitCode = 1;
  }
  await client.dispose();
}

void main(process.argv.slice(2));
