/** Sound copies of contents that were damaged: from elsewhere in the store, or from the live source. */
import { linkSync, lstatSync } from 'node:fs';
import type { Context } from '../threads/context.js';
import { inodeKey, type SnapshotFile } from './inspect.js';
import { fsPath, join } from '../words/names.js';
import { phrase } from '../words/phrase.js';
import type { Capabilities } from '../store/capabilities.js';
import type { Entry } from '../store/manifest.js';
import type { StoredSnapshot } from '../store/record.js';
import type { Store } from '../store/root.js';
import type { Scratch } from '../store/scratch.js';
import { isLinkRefused, storeError } from '../files/store-error.js';
import type { PoolThread } from '../threads/pool.js';
import { passUnforeseen, PhlbError } from '../words/errors.js';

/** A content as a name of it is to be stored. */
export interface Content {
  sha256: string;
  /** bytes */
  size: number;
  mode: number;
  /** microseconds */
  mtime: number;
}

/** Where a copy is made from, as in `CopyRequest`. */
interface Origin {
  from: string;
  within?: string;
}

interface Sources {
  stored: Map<string, SnapshotFile>;
  /** by absolute path */
  live: Map<string, Origin>;
}

export class GoodCopies {
  private readonly sources = new Map<string, Sources>();
  /** by content: a file that has it for certain; `null`: there is none */
  private readonly found = new Map<string, string | null>();

  constructor(
    private readonly store: Store,
    private readonly scratch: Scratch,
    private readonly capabilities: Capabilities,
    private readonly context: Context,
  ) {}

  /**
   * Where sound copies may be: in files stored under the same hash, and where the source had it.
   * @param stored not known to be damaged
   * @param damaged names of which the source may still have the file
   */
  offer(stored: readonly SnapshotFile[], damaged: readonly { entry: Entry; snapshot: StoredSnapshot }[]): void {
    for (const file of stored) this.sourcesOf(file.entry).stored.set(inodeKey(file.state), file);
    for (const { entry, snapshot } of [...damaged, ...stored].reverse()) {
      const { host, source = '' } = snapshot.record ?? {};
      if (host !== this.store.host || source === '') continue;
      this.sourcesOf(entry).live.set(join(source, entry.path), { from: entry.path, within: source });
    }
  }

  /** Whether there is a sound copy; it is made now, if need be. @throws PhlbError `store`, `cancelled` */
  async find(content: Content): Promise<boolean> {
    const key = keyOf(content);
    const known = this.found.get(key);
    if (known !== undefined) return known !== null;
    const path = (await this.storedAlike(content)) ?? (await this.copyOf(content));
    this.found.set(key, path);
    return path !== null;
  }

  /** Another name of the sound copy, in the scratch folder, to be renamed into place. @throws PhlbError `store`, `cancelled` */
  async makeCopy(content: Content): Promise<string> {
    const from = this.found.get(keyOf(content)) ?? '';
    const scratchFile = this.scratch.next();
    if (this.capabilities.hardlinks && link(from, scratchFile)) return scratchFile;
    const error = await this.copy({ from }, scratchFile, content);
    if (error !== null) {
      throw new PhlbError('store', phrase`A copy cannot be read back (${error.message})`, { path: from });
    }
    return scratchFile;
  }

  /** From now on names are linked to this one: at the link limit it is another inode. `path`: absolute */
  placed(content: Content, path: string): void {
    this.found.set(keyOf(content), path);
  }

  // A stored file that is just what is wanted, so that the names share it.
  private async storedAlike(content: Content): Promise<string | null> {
    for (const { entry, snapshot, state } of this.sources.get(content.sha256)?.stored.values() ?? []) {
      if (!this.capabilities.hardlinks || state.mtime !== content.mtime || (state.mode & 0o555) !== content.mode)
        continue;
      const path = join(this.store.layout.tree(snapshot.id), entry.path);
      const [hashed] = await this.thread().run('hash', { paths: [path], cancel: this.context.cancel });
      if (hashed?.sha256 === content.sha256) return path;
    }
    return null;
  }

  private async copyOf(content: Content): Promise<string | null> {
    const { stored = new Map<string, SnapshotFile>(), live = new Map<string, Origin>() } =
      this.sources.get(content.sha256) ?? {};
    const inStore = [...stored.values()].map(({ entry, snapshot }): [string, Origin] => {
      const from = join(this.store.layout.tree(snapshot.id), entry.path);
      return [from, { from }];
    });
    for (const [path, origin] of [...inStore, ...live]) {
      if (sizeOf(path) !== content.size) continue;
      const to = this.scratch.next();
      if ((await this.copy(origin, to, content)) === null) return to;
    }
    return null;
  }

  private copy(origin: Origin, to: string, { sha256, mode, mtime }: Content): Promise<{ message: string } | null> {
    const { modes, times } = this.capabilities;
    const capabilities = { modes, times };
    return this.thread().run('copy', { ...origin, to, sha256, mode, mtime, capabilities, cancel: this.context.cancel });
  }

  private thread(): PoolThread {
    const [first] = this.context.pool().threads;
    if (!first) throw new PhlbError('crashed', phrase`There is no thread to copy with`);
    return first;
  }

  private sourcesOf({ sha256 = '' }: Entry): Sources {
    const known = this.sources.get(sha256) ?? { stored: new Map(), live: new Map() };
    this.sources.set(sha256, known);
    return known;
  }
}

function link(from: string, to: string): boolean {
  try {
    linkSync(fsPath(from), fsPath(to));
    return true;
  } catch (error) {
    if (isLinkRefused(error)) return false;
    throw storeError(error, to);
  }
}

function sizeOf(path: string): number | undefined {
  try {
    return lstatSync(fsPath(path)).size;
  } catch (error) {
    passUnforeseen(error);
    return undefined;
  }
}

function keyOf({ sha256, mode, mtime }: Content): string {
  return `${sha256} ${mode} ${mtime}`;
}
