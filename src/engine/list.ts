/** Sources and their snapshots, from the records alone. */
import { spellingsOf } from './files/same-folder.js';
import { PhlbError } from './words/errors.js';
import { fitLabel } from './words/label.js';
import type { ListRequest, ListResult, SnapshotInfo, SourceInfo } from './words/model.js';
import { pathKey } from './words/names.js';
import { phrase, textOf } from './words/phrase.js';
import { snapshotId, type Layout } from './store/layout.js';
import { errorCountOf } from './store/bounded.js';
import { checkedSummary } from './store/restore-summary.js';
import { readSnapshots, sourceFolders, type StoredSnapshot } from './store/record.js';
import { openStoreToRead, readStoreFile } from './store/root.js';
import { causeOf, marksOf } from './store/turn-marks.js';
import { stampTime } from './words/times.js';

/** @throws PhlbError as `openStore`; `notFound` for a name that no source has */
export async function list(request: ListRequest): Promise<ListResult> {
  const store = openStoreToRead(request.location);
  const entries = readStoreFile(store.layout)?.sources ?? [];
  const folders = sourceFolders(store.layout);
  const names = [...new Set([...entries.map(e => e.name), ...folders])]
    .filter(name => request.name === undefined || name === request.name)
    .sort();
  if (request.name !== undefined && names.length === 0) {
    throw new PhlbError('notFound', phrase`There is no source ${request.name}`, { path: store.layout.root });
  }
  const sources = names.map(name => {
    const entry = entries.find(e => e.name === name);
    const snapshots = readSnapshots(store.layout, name);
    const source = entry?.path ?? snapshots.findLast(s => s.record)?.record?.source ?? '';
    return {
      name,
      source,
      local: entry?.host === store.host,
      snapshots: snapshots
        .filter(s => request.all || s.record?.kind !== 'safety')
        .map(stored => describe(store.layout, stored, source)),
    };
  });
  // A folder without any snapshot that nobody registered is not ours.
  const ours = sources.filter(s => s.snapshots.length > 0 || entries.some(e => e.name === s.name));
  return { storeId: store.id, sources: await spelledAsOpen(ours, request.folders ?? []) };
}

// A workspace that was opened through a symlink is the source that it leads to, and its files have the paths that are open.
async function spelledAsOpen(sources: SourceInfo[], folders: readonly string[]): Promise<SourceInfo[]> {
  const local = sources.filter(source => source.local && source.source !== '');
  const paths = new Map<string, string>();
  for (const folder of folders) {
    if (local.some(({ source }) => pathKey(source) === pathKey(folder))) continue;
    const spellings = await spellingsOf(
      folder,
      local.map(({ source }) => source),
    );
    for (const path of spellings) if (!paths.has(path)) paths.set(path, folder);
  }
  return sources.map(one => (one.local ? { ...one, source: paths.get(one.source) ?? one.source } : one));
}

function describe(layout: Layout, { id, record, problem }: StoredSnapshot, source: string): SnapshotInfo {
  const restore = checkedSummary(record?.restore?.did);
  return {
    id: snapshotId(id),
    kind: record?.kind ?? 'snapshot',
    path: layout.tree(id),
    // All that is left of the time of a snapshot without a record is its name.
    startedAt: record?.startedAt ?? stampTime(id.stamp).toISOString(),
    files: record?.counts.files ?? 0,
    bytes: record?.counts.bytes ?? 0,
    copiedBytes: record?.counts.copiedBytes ?? 0,
    changedFiles: record?.changedFiles ?? 0,
    label: record?.label ? fitLabel(record.label) : null,
    pinned: record?.pinned ?? false,
    cause: record ? causeOf(record) : null,
    turns: record ? marksOf(record).map(({ id, part, cause }) => ({ id, part, cause })) : [],
    errors: record ? errorCountOf(record) : 1,
    ...(problem === undefined ? {} : { problem: textOf(problem) }),
    ...(record?.kind === 'safety' && pathKey(record.source) !== pathKey(source) ? { folder: record.source } : {}),
    ...(restore === undefined ? {} : { restore }),
  };
}
