/** The lists of a store (sources, manifests, records), fetched back from a repository into a folder of their own. */
import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../files/make-folder.js';
import { remove } from '../files/remove.js';
import { errno, passAllButRefusals } from '../words/errors.js';
import { Layout, type SnapshotName } from '../store/layout.js';
import { readSnapshot, type SnapshotRecord } from '../store/record.js';
import { readStoreFile, type StoreFile } from '../store/root.js';
import { offsiteFolder } from './remembered.js';
import type { Copies } from './repository.js';
import { watched, type Restic } from './restic.js';

/** What a list has of a snapshot. */
export interface KnownSnapshot {
  record: SnapshotRecord;
  /** paths of files: `note` need not be there */
  manifest: string;
  note: string;
}

export class FetchedLists {
  /** of the newest list, and of older ones, where a snapshot stands in those only: it was deleted where it came from */
  private readonly layouts: { id: string; layout: Layout }[] = [];
  /** restic's ids of those in which something was found that no newer one has */
  readonly needed = new Set<string>();
  private readonly waiting: string[];

  /** @param folder a new one, of its own */
  private constructor(
    private readonly restic: Restic,
    private readonly folder: string,
    copies: Copies,
  ) {
    this.waiting = copies.metas.map(({ restic: id }) => id);
  }

  /** Hands them to `act`, and removes them afterwards. @throws PhlbError `offsite`, `damaged` */
  static async with<T>(
    restic: Restic,
    copies: Copies,
    state: string,
    act: (lists: FetchedLists) => Promise<T>,
  ): Promise<T> {
    makeFolder(offsiteFolder(state));
    removeDead(offsiteFolder(state));
    const folder = mkdtempSync(join(offsiteFolder(state), `${PREFIX}${process.pid}-`));
    try {
      return await act(new FetchedLists(restic, folder, copies));
    } finally {
      remove(folder);
    }
  }

  /** The newest list of sources. `undefined`: there is none */
  async storeFile(): Promise<StoreFile | undefined> {
    const newest = this.layouts[0] ?? (await this.fetchNext());
    if (newest) this.needed.add(newest.id);
    return newest && readStoreFile(newest.layout);
  }

  /** The record of a snapshot and where its manifest is; `undefined`: no list has them */
  async find(id: SnapshotName): Promise<KnownSnapshot | undefined> {
    for (let at = 0; ; at++) {
      const list = this.layouts[at] ?? (await this.fetchNext());
      if (!list) return undefined;
      const { layout } = list;
      const { record } = existsSync(layout.manifest(id)) ? readSnapshot(layout, id) : { record: undefined };
      if (!record) continue;
      this.needed.add(list.id);
      return { record, manifest: layout.manifest(id), note: layout.restoreNote(id) };
    }
  }

  private async fetchNext(): Promise<{ id: string; layout: Layout } | undefined> {
    const id = this.waiting.shift();
    if (id === undefined) return undefined;
    const layout = new Layout(join(this.folder, String(this.layouts.length)));
    makeFolder(layout.home);
    await this.restic.run(['restore', id, '--target', layout.home, '--json'], { ...watched() });
    const list = { id, layout };
    this.layouts.push(list);
    return list;
  }
}

const PREFIX = 'lists-';

// What processes have left that were killed.
function removeDead(folder: string): void {
  for (const name of readdirSync(folder)) {
    const [, pid] = new RegExp(`^${PREFIX}(\\d+)-`).exec(name) ?? [];
    if (pid !== undefined && Number(pid) !== process.pid && !isAlive(Number(pid))) remove(join(folder, name));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    passAllButRefusals(error);
    return errno(error) !== 'ESRCH';
  }
}
