import type { DiffRequest, DiffResult } from '../engine/diff.js';
import type { AnnotateRequest, AnnotateResult } from '../engine/annotate.js';
import type { DeleteRequest, DeleteResult } from '../engine/delete.js';
import type { FindRequest, FindResult } from '../engine/find.js';
import type { ForgetRequest } from '../engine/forget.js';
import type { LetThroughRequest, LetThroughResult } from '../engine/let-through.js';
import type { LostRequest, LostResult } from '../engine/lost.js';
import type {
  BackupRequest,
  BackupResult,
  ListRequest,
  ListResult,
  LsRequest,
  LsResult,
  Progress,
  RestoreRequest,
  RestoreResult,
  VerifyRequest,
  VerifyResult,
} from '../engine/words/model.js';
import type {
  OffsiteCheckRequest,
  OffsiteCheckResult,
  OffsiteForgetRequest,
  OffsiteForgetResult,
  OffsiteInitResult,
  OffsitePushRequest,
  OffsitePushResult,
  OffsiteRecoverRequest,
  OffsiteRecoverResult,
  OffsiteRequest,
  OffsiteStatusRequest,
  OffsiteStatusResult,
  OffsiteStoresResult,
} from '../engine/offsite/model.js';
import type { PeekRequest, PeekResult } from '../engine/peek.js';
import type { PruneRequest, PruneResult } from '../engine/prune.js';
import type { PurgeRequest, PurgeResult } from '../engine/purge.js';
import type { RebuildRequest, RebuildResult } from '../engine/rebuild.js';
import type { ScrubRequest, ScrubResult } from '../engine/scrub.js';
import type { StatsRequest, StatsResult } from '../engine/stats.js';
import type { Answer } from '../engine/threads/thread-calls.js';
import type { TurnChangesRequest } from '../engine/turn-changes.js';
import type { UndoRequest } from '../engine/restore/undo.js';
import type { UndoTurnRequest } from '../engine/restore/undo-turn.js';
import type { UpdateIndexRequest } from '../engine/update-index.js';
import type { VersionsRequest, VersionsResult } from '../engine/versions.js';

/** Every call that the worker answers: its request and its result. */
export interface Calls {
  annotate: [AnnotateRequest, AnnotateResult];
  backup: [BackupRequest, BackupResult];
  delete: [DeleteRequest, DeleteResult];
  diff: [DiffRequest, DiffResult];
  find: [FindRequest, FindResult];
  forget: [ForgetRequest, DeleteResult];
  letThrough: [LetThroughRequest, LetThroughResult];
  list: [ListRequest, ListResult];
  lost: [LostRequest, LostResult];
  ls: [LsRequest, LsResult];
  offsiteCheck: [OffsiteCheckRequest, OffsiteCheckResult];
  offsiteForget: [OffsiteForgetRequest, OffsiteForgetResult];
  offsiteInit: [OffsiteRequest, OffsiteInitResult];
  offsitePush: [OffsitePushRequest, OffsitePushResult];
  offsiteRecover: [OffsiteRecoverRequest, OffsiteRecoverResult];
  offsiteStatus: [OffsiteStatusRequest, OffsiteStatusResult];
  offsiteStores: [OffsiteRequest, OffsiteStoresResult];
  peek: [PeekRequest, PeekResult];
  prune: [PruneRequest, PruneResult];
  purge: [PurgeRequest, PurgeResult];
  rebuild: [RebuildRequest, RebuildResult];
  restore: [RestoreRequest, RestoreResult];
  scrub: [ScrubRequest, ScrubResult];
  stats: [StatsRequest, StatsResult];
  turnChanges: [TurnChangesRequest, DiffResult];
  undo: [UndoRequest, RestoreResult];
  undoTurn: [UndoTurnRequest, RestoreResult];
  updateIndex: [UpdateIndexRequest, void];
  verify: [VerifyRequest, VerifyResult];
  versions: [VersionsRequest, VersionsResult];
}
export type CallName = keyof Calls;

/** What a worker is started with. */
export interface WorkerData {
  background: boolean;
  onThreads: boolean;
}

/** Host to worker. `cancel` is one shared Int32: non-zero means stop. */
export interface CallMessage {
  id: number;
  name: CallName;
  request: unknown;
  cancel: SharedArrayBuffer;
}

/** Worker to host. */
export type ReplyMessage = { id: number; progress: Progress } | Answer;
