/** The live source as a manifest, made as a backup's comparison makes one: only what may have changed is read. */
import type { Context } from '../threads/context.js';
import { PhlbError } from '../words/errors.js';
import type { PathError, RulesInForce } from '../words/model.js';
import { phrase } from '../words/phrase.js';
import { DEFAULT_RULES } from '../scan/rules.js';
import { entryOf } from '../scan/entries.js';
import { compareSource, type Comparison } from './comparison.js';
import type { openSnapshot } from '../store/open-snapshot.js';
import { sourceStat } from '../scan/source-folder.js';
import { formatEntry, MANIFEST_HEADER } from '../store/manifest.js';
import type { Range } from '../store/manifest-groups.js';
import { ManifestText } from '../store/manifest-text.js';
import type { SnapshotRecord } from '../store/record.js';
import { readStoreFile, type SourceEntry, type Store } from '../store/root.js';
import type { LineSink } from './tree-lines.js';

export interface LiveSource {
  /** absolute */
  folder: string;
  manifest: ManifestText;
  /** what could not be read */
  errors: PathError[];
}

/**
 * Looks at the source of a snapshot with that snapshot's rules; of a safety snapshot only at what that one holds. Takes no
 * lock and writes nothing.
 * @throws PhlbError `usage` when the source is another host's, `source` when it cannot be read, `cancelled`
 */
export async function openLiveSource(
  store: Store,
  snapshot: Awaited<ReturnType<typeof openSnapshot>>,
  context: Context,
): Promise<LiveSource> {
  const { id, record, manifest } = snapshot;
  const source = sourceOf(store, record);
  const root = sourceStat(source.path);
  const seen = new LinesInMemory(manifest);
  seen.text(`${MANIFEST_HEADER}${formatEntry(entryOf('', root))}\n`);
  const comparison: Comparison = {
    source,
    root,
    rules: rulesOf(record) ?? source.rules,
    only: record.kind === 'safety' ? new Set([...manifest.entries()].map(entry => entry.path)) : null,
    previous: { id, record, manifest },
    layout: store.layout,
    checksum: false,
  };
  const { errors } = await compareSource(comparison, context, { lines: seen });
  // What vanished in between is simply not there.
  return { folder: source.path, manifest: seen.manifest(), errors: errors.filter(({ code }) => code !== 'ENOENT') };
}

// A source that has moved on this host goes on at its new place; what a restore saved belongs where it was.
function sourceOf(store: Store, record: SnapshotRecord): Pick<SourceEntry, 'path' | 'rules' | 'unstableInodes'> {
  const known = readStoreFile(store.layout)?.sources.find(
    source => source.name === record.name && source.host === store.host,
  );
  const { host, source: path } = record;
  if (known && record.kind === 'snapshot') return known;
  if (host === store.host) {
    return { path, rules: known?.rules ?? DEFAULT_RULES, unstableInodes: known?.unstableInodes ?? false };
  }
  throw new PhlbError('usage', phrase`The source of this snapshot is on another computer`, {
    path,
    hint: phrase`compare it with another snapshot`,
  });
}

/** The rules that a snapshot was made with; `undefined` where they are not known. */
export function rulesOf(record: SnapshotRecord): RulesInForce | undefined {
  if (record.adopted !== undefined || record.rehashed) return undefined;
  return { ...record.rules, ignoreFiles: record.ignoreFiles };
}

class LinesInMemory implements LineSink {
  private readonly chunks: Buffer[] = [];

  constructor(private readonly previous: ManifestText) {}

  text(lines: string): void {
    this.chunks.push(Buffer.from(lines, 'latin1'));
  }

  same(range: Range): void {
    this.chunks.push(this.previous.bytes.subarray(range.start, range.end));
  }

  drained(): Promise<void> {
    return Promise.resolve();
  }

  manifest(): ManifestText {
    return new ManifestText(Buffer.concat(this.chunks));
  }
}
