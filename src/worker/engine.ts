/** The engine's operations by their names. Each call has threads of its own, which then wait for the next one. */
import { join } from 'node:path';
import { annotate } from '../engine/annotate.js';
import { backup } from '../engine/backup.js';
import type { Context } from '../engine/threads/context.js';
import { deleteSnapshots } from '../engine/delete.js';
import { diff } from '../engine/diff.js';
import { PhlbError, toErrorData, type ErrorData } from '../engine/words/errors.js';
import { find } from '../engine/find.js';
import { checkPattern, grep } from '../engine/grep/grep.js';
import { forget } from '../engine/forget.js';
import { letThrough } from '../engine/let-through.js';
import { list } from '../engine/list.js';
import { lost } from '../engine/lost.js';
import { ls } from '../engine/ls.js';
import { offsiteCheck } from '../engine/offsite/check.js';
import { offsiteForget } from '../engine/offsite/forget.js';
import { offsiteInit } from '../engine/offsite/init.js';
import { offsitePush } from '../engine/offsite/push.js';
import { offsiteRecover } from '../engine/offsite/recover.js';
import { offsiteStatus } from '../engine/offsite/status.js';
import { offsiteStores } from '../engine/offsite/stores.js';
import { peek } from '../engine/peek.js';
import { prune } from '../engine/prune.js';
import { purge } from '../engine/purge.js';
import { rebuild } from '../engine/rebuild.js';
import { restore } from '../engine/restore/restore.js';
import { scrub } from '../engine/scrub.js';
import { stats } from '../engine/stats.js';
import { turnChanges } from '../engine/turn-changes.js';
import { undo } from '../engine/restore/undo.js';
import { undoTurn } from '../engine/restore/undo-turn.js';
import { updateIndex } from '../engine/update-index.js';
import { verify } from '../engine/verify/verify.js';
import { versions } from '../engine/versions.js';
import { openPool, poolSize, type Pool } from '../engine/threads/pool.js';
import { ThreadStock } from '../engine/threads/thread-stock.js';
import { isCancelled, type Take } from '../engine/words/call.js';
import type { CallName, Calls, ItemOf } from './protocol.js';

type Handlers = {
  [N in CallName]: (
    request: Calls[N][0],
    context: Context,
    take: Take<ItemOf<N>>,
  ) => Calls[N][1] | Promise<Calls[N][1]>;
};

const handlers: Handlers = {
  annotate,
  backup,
  checkPattern,
  delete: deleteSnapshots,
  diff,
  find,
  forget,
  grep,
  letThrough,
  list,
  lost,
  ls,
  offsiteCheck,
  offsiteForget,
  offsiteInit,
  offsitePush,
  offsiteRecover,
  offsiteStatus,
  offsiteStores,
  peek,
  prune,
  purge,
  rebuild,
  restore,
  scrub,
  stats,
  turnChanges,
  undo,
  undoTurn,
  updateIndex,
  verify,
  versions,
};

/** How far an operation is, who asks it to stop, and who gets what it finds meanwhile. */
export interface CallState<N extends CallName> extends Pick<Context, 'cancel' | 'onProgress'> {
  take: Take<ItemOf<N>>;
}

/** What comes of an operation, as data: an error that another script was bundled with is of another class. */
export type Outcome<N extends CallName> = { result: Calls[N][1] } | { error: ErrorData };

function unlessCancelled<T>(take: Take<T>, call: Pick<Context, 'cancel'>): Take<T> {
  return async items => {
    await take(items);
    if (isCancelled(call)) throw PhlbError.cancelled();
  };
}

/** Operations that are under way. */
export class Engine {
  private readonly pools = new Set<Pool>();
  private readonly stock = new ThreadStock(join(__dirname, 'pool.js'));

  /** @param onThreads all is done on threads, also what other ones do not pay for: so that tests of a few files see them at work */
  constructor(private readonly onThreads = false) {}

  async call<N extends CallName>(name: N, request: Calls[N][0], { take, ...state }: CallState<N>): Promise<Outcome<N>> {
    const pool = openPool(this.stock, poolSize());
    this.pools.add(pool);
    try {
      if (this.onThreads) pool.start();
      return { result: await handlers[name](request, { ...state, pool: () => pool }, unlessCancelled(take, state)) };
    } catch (error) {
      return { error: toErrorData(error) };
    } finally {
      this.pools.delete(pool);
      await pool.close();
    }
  }

  /** Gives up what is under way, and ends all threads. */
  async close(): Promise<void> {
    await Promise.all([this.stock.close(), ...[...this.pools].map(pool => pool.close())]);
  }
}
