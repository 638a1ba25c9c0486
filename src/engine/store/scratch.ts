import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterwards } from '../files/afterwards.js';
import { PhlbError } from '../words/errors.js';
import { findGuards } from './guards.js';
import type { Layout } from './layout.js';
import type { StoreLock } from './lock.js';
import { makeFolder } from '../files/make-folder.js';
import { removeTree } from './trash.js';

/**
 * A folder in `partial/` for one heal or purge, on the file system of the trees. What runs of its kind that died have
 * left goes first. Only under the lock: then every other such folder is a dead run's.
 */
export class Scratch {
  private readonly folder: string;
  private count = 0;

  constructor(
    private readonly layout: Layout,
    lock: StoreLock,
    kind: 'heal' | 'purged',
  ) {
    makeFolder(layout.partial);
    for (const name of readdirSync(layout.partial)) {
      if (!name.endsWith(`-${kind}`)) continue;
      try {
        this.clear(join(layout.partial, name));
      } catch (error) {
        // It is in nobody's way.
        if (!PhlbError.is(error, 'store')) throw error;
      }
    }
    this.folder = join(layout.partial, `${lock.token}-${kind}`);
    mkdirSync(this.folder, { mode: 0o700 });
  }

  /** A path in it that nothing has used. */
  next(): string {
    return join(this.folder, String(++this.count));
  }

  async remove(notes: string[]): Promise<void> {
    await afterwards(notes, 'What was put aside is still there', () => this.clear(this.folder));
  }

  // It may hold names of files that stand in snapshots.
  private clear(tree: string): void {
    removeTree({ tree, guards: findGuards(this.layout, [tree]) });
  }
}
