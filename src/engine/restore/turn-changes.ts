/**
 * What a turn of a coding agent has changed. Its marks cut the history of the source into parts: what came to be between
 * two of them is the turn's where the second one says `after`, and somebody else's where it says `before`.
 */
import { LeftOut } from '../run/left-out.js';
import { rulesOf } from '../run/live-source.js';
import { NO_RULES } from '../scan/rules.js';
import { changeOf, differences, type Difference } from '../index/changes.js';
import type { Entry } from '../store/manifest.js';
import { openSnapshot } from '../store/open-snapshot.js';
import { readSnapshots, sourceFolders } from '../store/record.js';
import { noSource, readStoreFile, type Store } from '../store/root.js';
import { isSourceName, snapshotId } from '../store/layout.js';
import { snapshotsOfTurn, type MarkedSnapshot } from '../store/turn-snapshots.js';
import { isCancelled } from '../words/call.js';
import { PhlbError, passUnforeseen, reason } from '../words/errors.js';
import { dirname } from '../words/names.js';
import { commandLineHint, phrase } from '../words/phrase.js';
import { checkTurn } from '../words/turns.js';
import type { Context } from '../threads/context.js';
import { breathe } from './planner.js';

type Snapshot = Awaited<ReturnType<typeof openSnapshot>>;

/** One path that a turn has changed. */
export interface TurnChange extends Difference {
  /** which of the turn's snapshots has it as it was before the turn first changed it, counted from 0 */
  part: number;
  /** absolute path of that one's tree */
  tree: string;
  /** somebody else has changed it too, before the turn had ended */
  shared: boolean;
}

export interface TurnHistory {
  first: Snapshot;
  last: Snapshot;
  /** by path; what differs in a folder's time alone is not among them */
  changes: Map<string, TurnChange>;
  /** folders in which somebody else has changed something meanwhile */
  foreignFolders: Set<string>;
  /** snapshots of the turn have gone: what others did meanwhile may count as the turn's */
  hasGaps: boolean;
}

/**
 * Of the one source that the turn has marked.
 * @throws PhlbError `usage` for what is no id of a turn, and where several sources have it; `notFound` for one that is not
 *   known, or has no snapshot after its first; `damaged`, `cancelled`
 */
export async function readTurn(
  store: Store,
  { turn, name }: { turn: string; name?: string | undefined },
  context: Context,
): Promise<TurnHistory> {
  const marked = findTurn(store, turn, name);
  const [before] = marked;
  const after = marked.findLast(({ mark }) => mark.part === 'after');
  if (!before || !after || before === after) {
    throw new PhlbError('notFound', phrase`Nothing has changed in turn ${turn}, or no snapshot was taken after it`, {
      path: store.layout.root,
      hint: commandLineHint('endTurn', turn),
    });
  }
  // What somebody else did after its end is not its business.
  return new TurnReader(store, context).read(marked.slice(0, marked.indexOf(after) + 1));
}

function findTurn(store: Store, turn: string, name: string | undefined): MarkedSnapshot[] {
  checkTurn(turn);
  const folders = sourceFolders(store.layout);
  if (name !== undefined && (!isSourceName(name) || !folders.includes(name))) throw noSource(store.layout, name);
  const own = readStoreFile(store.layout)?.sources.filter(({ host }) => host === store.host) ?? [];
  const names = name === undefined ? folders.filter(folder => own.some(one => one.name === folder)) : [name];
  const found = names
    .map(one => ({ one, marked: snapshotsOfTurn(readSnapshots(store.layout, one), turn) }))
    .filter(({ marked }) => marked.length > 0);
  const [only, second] = found;
  if (only && !second) return only.marked;
  if (only) {
    throw new PhlbError('usage', phrase`Turn ${turn} is of several sources; name one of them`, {
      path: found.map(({ one }) => one).join(', '),
    });
  }
  throw new PhlbError('notFound', phrase`There is no turn ${turn}`, {
    path: name === undefined ? store.layout.root : store.layout.sourceFolder(name),
    hint: commandLineHint('list'),
  });
}

class TurnReader {
  private readonly changes = new Map<string, TurnChange>();
  private readonly foreignFolders = new Set<string>();
  private hasGaps = false;

  constructor(
    private readonly store: Store,
    private readonly context: Context,
  ) {}

  async read([start, ...rest]: MarkedSnapshot[]): Promise<TurnHistory> {
    if (!start) throw new RangeError('A turn without snapshots');
    const first = await this.open(start);
    let older = { ...start, opened: first };
    for (const [part, next] of rest.entries()) {
      if (isCancelled(this.context)) throw PhlbError.cancelled();
      await breathe();
      const opened = await this.open(next);
      this.hasGaps ||= next.mark.step !== older.mark.step + 1;
      this.takeIn(older.opened, opened, next.mark.part === 'after' ? part : null);
      older = { ...next, opened };
    }
    const { changes, foreignFolders, hasGaps } = this;
    return { first, last: older.opened, changes, foreignFolders, hasGaps: hasGaps || start.mark.step !== 0 };
  }

  private open({ id }: MarkedSnapshot): Promise<Snapshot> {
    return openSnapshot(this.store, snapshotId(id));
  }

  // `part`: as of a change; `null`: it was somebody else.
  private takeIn(older: Snapshot, newer: Snapshot, part: number | null): void {
    const leftOut = new LeftOut(rulesOf(newer.record) ?? NO_RULES, newer.record, newer.tree, newer.manifest);
    for (const one of understood(older, newer)) {
      const { path, before, after } = one;
      // What is no longer stored may still be there.
      if (!after && before && leftOut.has(before)) continue;
      if (isTrifle(one)) continue;
      const known = this.changes.get(path);
      if (part === null) {
        this.foreignFolders.add(dirname(path));
        if (known) known.shared = true;
      } else if (known) known.after = after;
      else this.changes.set(path, { path, before, after, part, tree: older.tree, shared: false });
    }
  }
}

/** Whether nothing differs that counts. */
export function isTrifle({ before, after }: Pick<Difference, 'before' | 'after'>): boolean {
  return before !== undefined && after !== undefined && changeOf(before, after) === undefined;
}

/** Whether two states of a path are the same in all that counts; `undefined`: it is not there. */
export function isSame(one: Entry | undefined, other: Entry | undefined): boolean {
  return one === other || isTrifle({ before: one, after: other });
}

function* understood(older: Snapshot, newer: Snapshot): Generator<Difference> {
  try {
    yield* differences(older.manifest, newer.manifest);
  } catch (cause) {
    passUnforeseen(cause);
    throw new PhlbError('damaged', phrase`A manifest is not valid (${reason(cause)})`, {
      path: `${snapshotId(older.id)}, ${snapshotId(newer.id)}`,
      hint: commandLineHint('rehash'),
      cause,
    });
  }
}
