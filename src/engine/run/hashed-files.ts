import type { PoolThread } from '../threads/pool.js';
import type { FileToRead, FileWork } from './file-work.js';
import type { TreeOutput } from './tree-output.js';

/** Of a run that only compares: what has to be read is hashed, and nothing is stored. */
export class HashedFiles implements FileWork {
  constructor(private readonly output: TreeOutput) {}

  async read(thread: PoolThread, files: FileToRead[]): Promise<void> {
    const replies = await thread.run(
      'read',
      files.map(({ id, path, size }) => ({ id, path, size })),
    );
    replies.forEach((reply, i) => {
      const file = files[i];
      if (!file) return;
      if ('error' in reply) this.output.failed(file, reply.error);
      else this.output.compared(file, reply.facts);
    });
  }

  async finish(): Promise<void> {
    // There are no directories but the source's.
  }

  giveUp(): void {
    // Nobody waits.
  }
}
