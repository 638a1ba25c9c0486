/** The lists of a store (sources, manifests, records), fetched back from a repository into a folder of their own. */
import { existsSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../files/make-folder.js';
import { remove } from '../files/remove.js';
import { Layout, type SnapshotName } from '../store/layout.js';
import { readSnapshot, type SnapshotRecord } from '../store/record.js';
import { readStoreFile, type StoreFile } from '../store/root.js';
import { offsiteFolder } from './remembered.js';
import type { Copies } from './repository.js';
import type { Restic } from './restic.js';

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
    const folder = mkdtempSync(join(offsiteFolder(state), 'lists-'));
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
  async find(id: SnapshotName): Promise<{ record: SnapshotRecord; manifest: string; note: string } | undefined> {
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
    await this.restic.run(['restore', id, '--target', layout.home, '--json'], { long: true, onMessage: () => true });
    const list = { id, layout };
    this.layouts.push(list);
    return list;
  }
}
