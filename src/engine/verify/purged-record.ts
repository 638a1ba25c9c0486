import type { SnapshotCounts } from '../words/model.js';
import type { MatchedEntry } from '../threads/stored-names.js';
import type { ManifestText } from '../store/manifest-text.js';
import type { SnapshotRecord } from '../store/record.js';

/**
 * A snapshot's record without what was purged. How a file had come into the snapshot is not recorded, so it is told by
 * the snapshot before, and within this one the first name of a content counts as the copied one.
 * @param manifest as it was
 * @param before what the snapshot before held of what is purged
 */
export function purgedRecord(
  record: SnapshotRecord,
  manifest: ManifestText,
  purged: readonly MatchedEntry[],
  before: readonly MatchedEntry[],
): SnapshotRecord {
  const paths = purged.map(({ entry }) => entry.path).sort();
  return {
    ...record,
    // Adjusted already by a purge that died before it had replaced the manifest: then they tell of fewer entries.
    counts: tellsOf(manifest, record.counts) ? countsWithout(record.counts, purged, before) : record.counts,
    revision: (record.revision ?? 0) + 1,
    changes: [...(record.changes ?? []), { kind: 'purge', at: new Date().toISOString(), paths }],
  };
}

function countsWithout(
  was: SnapshotCounts,
  purged: readonly MatchedEntry[],
  before: readonly MatchedEntry[],
): SnapshotCounts {
  const counts = { ...was };
  const known = new Map(before.map(({ entry }) => [entry.path, entry.sha256]));
  const copied = new Set<string>();
  for (const { entry } of purged) {
    const { path, type, size, sha256 = '' } = entry;
    if (type === 'dir') counts.directories--;
    if (type === 'link') counts.symlinks--;
    if (type !== 'file') continue;
    counts.files--;
    counts.bytes -= size;
    const likely = known.get(path) === sha256 ? 'unchangedFiles' : copied.has(sha256) ? 'linkedFiles' : 'copiedFiles';
    if (likely !== 'unchangedFiles') copied.add(sha256);
    const from = [likely, 'linkedFiles', 'copiedFiles', 'unchangedFiles'].find(key => counts[key as Kind] > 0) as Kind;
    counts[from]--;
    const bytes = from === 'copiedFiles' ? 'copiedBytes' : 'linkedBytes';
    counts[bytes] = Math.max(0, counts[bytes] - size);
  }
  return counts;
}

type Kind = 'unchangedFiles' | 'linkedFiles' | 'copiedFiles';

function tellsOf(manifest: ManifestText, { files, directories, symlinks }: SnapshotCounts): boolean {
  const found = { file: 0, dir: 0, link: 0 };
  for (const range of manifest.groups.values()) {
    for (const line of manifest.lines(range)) {
      const type = / type=(file|dir|link) /.exec(line)?.[1] as keyof typeof found | undefined;
      if (type) found[type]++;
    }
  }
  return found.file === files && found.dir === directories && found.link === symlinks;
}
