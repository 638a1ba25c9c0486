import { pipeline, Transform, type Readable, type Writable } from 'node:stream';

/**
 * What a client says, as long as it reads what it is answered: else the answers would pile up in memory. What is under way goes on
 * meanwhile. When its end is closed, it is heard again.
 */
export function heardWhileRead(stdin: Readable, stdout: Writable): Readable {
  let isClosed = false;
  for (const event of ['close', 'error']) stdout.once(event, () => (isClosed = true));
  const gate = new Transform({
    transform(chunk, _encoding, pass) {
      if (isClosed || !stdout.writableNeedDrain) return pass(null, chunk);
      const again = ['drain', 'close', 'error'];
      const go = (): void => {
        for (const event of again) stdout.off(event, go);
        pass(null, chunk);
      };
      for (const event of again) stdout.on(event, go);
    },
  });
  // Its errors are those of the gate, too.
  pipeline(stdin, gate, () => undefined);
  return gate;
}
