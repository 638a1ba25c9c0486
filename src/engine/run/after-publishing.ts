/** What comes after the publishing rename. The snapshot stands: nothing here fails the run, all of it becomes notes. */
import { afterwards } from '../files/afterwards.js';
import type { KnownContents } from './known-contents.js';
import type { Claims } from '../transfer/claims.js';
import type { Leftovers } from './salvage.js';
import type { Run } from './run.js';
import type { SnapshotName } from '../store/layout.js';
import type { ManifestWriter } from '../store/manifest-file.js';
import { removeTemporaries, removeOrphans } from '../store/orphans.js';
import { settle, type PartialSnapshot } from '../store/publish.js';
import { updateStoreFile } from '../store/root.js';
import type { TreeResult } from './tree-tally.js';

const NO_INDEX = 'The index cannot be written; the next run rebuilds it';

/** What a run has published, and what it has at hand. */
export interface PublishedRun {
  id: SnapshotName;
  partial: PartialSnapshot;
  manifest: ManifestWriter;
  written: TreeResult;
  dead: Leftovers;
  contents: KnownContents;
  claims: Claims | null;
}

export async function afterPublishing(run: Run, published: PublishedRun): Promise<void> {
  const { store, name, capabilities, notes, options } = run;
  const { id, partial, dead, written } = published;
  await settle(store.layout, partial, id, options.flush ?? true, notes);
  await dead.remove(run.context.pool(), notes);
  await afterwards(notes, 'What earlier runs left beside the manifests is still there', () => {
    removeOrphans(store.layout, name);
    removeTemporaries(store.layout, name, capabilities.now);
  });
  await afterwards(notes, 'What was learned about the source could not be saved', () => noteInodes(run, written));
  if (run.kind !== 'snapshot') return;
  await afterwards(notes, NO_INDEX, () => published.contents.published(id, published.claims));
  await tellIndex(run, published);
}

async function tellIndex(run: Run, { contents, id, manifest, written }: PublishedRun): Promise<void> {
  const { files, bytes } = written.counts;
  await afterwards(run.notes, NO_INDEX, async () => {
    const index = await contents.indexToTell();
    if (!index) return;
    run.context.onProgress({ phase: 'indexing', files, bytes });
    const whole = manifest.whole();
    if (whole) index.provide(id, whole);
    // The new snapshot stands on disk: it is taken in like any other that the index does not know.
    await index.synchronise();
    run.lock.check();
    index.save();
  });
}

// More than half of the otherwise equal files: this file system makes inodes up.
function noteInodes(run: Run, written: TreeResult): void {
  const { comparison, store, name } = run;
  const equal = written.counts.unchangedFiles + written.inodeOnly;
  if (comparison.source.unstableInodes || written.inodeOnly * 2 <= equal) return;
  updateStoreFile(store.layout, file => {
    for (const one of file.sources) if (one.name === name) one.unstableInodes = true;
  });
  run.notes.push('Inode numbers are not stable on the source; from now on they are not compared');
}
