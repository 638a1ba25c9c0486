/** What is to be restored: of one snapshot, or of several of one source as if they were one. */
import { rulesOf } from '../run/live-source.js';
import { pathInSnapshot } from '../scan/snapshot-path.js';
import { namesAllErrors } from '../store/bounded.js';
import type { Entry } from '../store/manifest.js';
import { openSnapshot } from '../store/open-snapshot.js';
import type { Store } from '../store/root.js';
import { PhlbError } from '../words/errors.js';
import type { RestoreRequest } from '../words/model.js';
import { commandLineHint, phrase } from '../words/phrase.js';
import { select, type Selection } from './select.js';

export type Snapshot = Awaited<ReturnType<typeof openSnapshot>>;

export interface Chosen extends Selection {
  /** the first snapshot that was named */
  snapshot: Snapshot;
  /** all that it holds */
  all: Entry[];
  /** its rules, where something is to be deleted by them */
  rules: ReturnType<typeof knownRules> | undefined;
  /** the tree that a path comes from, absolute */
  tree: (path: string) => string;
}

type Part = Selection & { snapshot: Snapshot; all: Entry[] };

/**
 * @throws PhlbError `notFound` for a snapshot or a path that does not exist; `usage` for snapshots of several sources, for a path
 *   that several are to give, and for `delete` where it cannot be told what goes; `damaged`
 */
export async function choose(store: Store, request: RestoreRequest): Promise<Chosen> {
  const { snapshot: name, paths, also = [], delete: deletes } = request;
  const first = await choosePart(store, request, { snapshot: name, paths });
  const { snapshot } = first;
  const rules = deletes ? knownRules(snapshot, name) : undefined;
  if (also.length === 0) return { ...first, rules, tree: () => snapshot.tree };
  if (deletes) {
    throw new PhlbError('usage', phrase`What is newer can be removed by one snapshot only`, {
      path: name,
      hint: commandLineHint('withoutDelete'),
    });
  }
  const parts = [first];
  for (const one of also) {
    const part = await choosePart(store, request, one);
    refuseOverlap(parts, part);
    parts.push(part);
  }
  return { ...merge(parts), snapshot, all: first.all, rules };
}

async function choosePart(
  store: Store,
  { to }: RestoreRequest,
  { snapshot: name, paths }: { snapshot: string; paths: string[] },
): Promise<Part> {
  const snapshot = await openSnapshot(store, name);
  const { record, manifest } = snapshot;
  if (to === undefined && record.host !== store.host) {
    throw new PhlbError('usage', phrase`This snapshot was made on another computer`, {
      path: record.source,
      hint: commandLineHint('restoreTo'),
    });
  }
  const all = [...manifest.entries()];
  const wanted = paths.map(path => pathInSnapshot(path, record.source));
  return { ...select(all, wanted, name), snapshot, all };
}

// Which of two contents is meant nobody can tell.
function refuseOverlap(parts: readonly Part[], { snapshot, asked }: Part): void {
  for (const part of parts) {
    if (part.snapshot.id.name !== snapshot.id.name) {
      throw new PhlbError('usage', phrase`Snapshots of several sources cannot be restored together`, {
        path: snapshot.id.name,
      });
    }
    const twice = [...(asked.size === 0 ? [''] : asked)].find(part.leadsToWanted);
    if (twice !== undefined) {
      throw new PhlbError('usage', phrase`It is to be restored from several snapshots at once`, { path: twice });
    }
  }
}

// Of a folder that leads to what several give, the first says what it is like.
function merge(parts: readonly Part[]): Selection & Pick<Chosen, 'tree'> {
  const trees = new Map<string, string>();
  const entries: Entry[] = [];
  for (const [at, { snapshot, entries: own }] of parts.entries()) {
    for (const entry of own) {
      if (trees.has(entry.path)) continue;
      trees.set(entry.path, snapshot.tree);
      entries.push(apart(entry, at));
    }
  }
  return {
    entries,
    wants: path => parts.some(part => part.wants(path)),
    asked: new Set(parts.flatMap(({ asked }) => [...asked])),
    leadsToWanted: path => parts.some(part => part.leadsToWanted(path)),
    tree: path => trees.get(path) ?? '',
  };
}

/** An inode may have gone to another file between two snapshots: names from several of them are never those of one file. */
export function apart(entry: Entry, part: number): Entry {
  return part === 0 || !entry.hardlinked ? entry : { ...entry, dev: (BigInt(part) << 64n) | (entry.dev ?? 0n) };
}

// What a snapshot would have stored can only be told by its rules.
function knownRules({ record }: Snapshot, name: string): NonNullable<ReturnType<typeof rulesOf>> {
  if (record.kind === 'safety') {
    throw new PhlbError(
      'usage',
      phrase`A safety snapshot holds only what a restore replaced, so it cannot tell what to delete`,
      {
        path: name,
        hint: commandLineHint('withoutDelete'),
      },
    );
  }
  if (!namesAllErrors(record)) {
    throw new PhlbError(
      'usage',
      phrase`More paths had errors in this snapshot than its record names, so it cannot tell what to delete`,
      { path: name, hint: commandLineHint('withoutDelete') },
    );
  }
  const rules = rulesOf(record);
  if (rules) return rules;
  throw new PhlbError('usage', phrase`The rules of this snapshot are not known, so it cannot tell what to delete`, {
    path: name,
    hint: commandLineHint('withoutDelete'),
  });
}
