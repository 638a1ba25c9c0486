import type { ErrorData } from '../engine/errors.js';
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
} from '../engine/model.js';

/** Every call that the worker answers: its request and its result. */
export interface Calls {
  backup: [BackupRequest, BackupResult];
  list: [ListRequest, ListResult];
  ls: [LsRequest, LsResult];
  restore: [RestoreRequest, RestoreResult];
  verify: [VerifyRequest, VerifyResult];
}
export type CallName = keyof Calls;

/** Host to worker. `cancel` is one shared Int32: non-zero means stop. */
export interface CallMessage {
  id: number;
  name: CallName;
  request: unknown;
  cancel: SharedArrayBuffer;
}

/** Worker to host. */
export type ReplyMessage =
  { id: number; progress: Progress } | { id: number; result: unknown } | { id: number; error: ErrorData };
