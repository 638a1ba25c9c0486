/**
 * Every reason for which PHLB refuses or stops. Callers decide by `code`, never by the message.
 *
 * - `usage`: the request itself is wrong (exit status 2 on the command line)
 * - `notFound`: a named snapshot, source or path does not exist
 * - `unreachable`: the backup root is not there, or another store stands in its place
 * - `source`: the folder to be backed up cannot be read
 * - `store`: the store cannot be written or read (full, read-only, gone)
 * - `damaged`: a record, manifest or `store.json` cannot be understood
 * - `locked`: another PHLB holds the store's lock and the caller did not want to wait
 * - `lockLost`: the lock was taken over while this process held it
 * - `cancelled`: the caller cancelled
 * - `crashed`: a worker thread ended unexpectedly
 */
export type ErrorCode =
  | 'usage'
  | 'notFound'
  | 'unreachable'
  | 'source'
  | 'store'
  | 'damaged'
  | 'locked'
  | 'lockLost'
  | 'cancelled'
  | 'crashed';

/** What crosses a thread boundary in place of a `PhlbError`, whose class would be lost by structured clone. */
export interface ErrorData {
  code: ErrorCode;
  message: string;
  path?: string;
  hint?: string;
  cause?: string;
  stack?: string;
}

/** The one error of PHLB. `message` says what and why, `path` where, `hint` what the user can do about it. */
export class PhlbError extends Error {
  readonly path: string | undefined;
  readonly hint: string | undefined;

  constructor(
    readonly code: ErrorCode,
    message: string,
    details: { path?: string | undefined; hint?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'PhlbError';
    this.path = details.path;
    this.hint = details.hint;
  }

  static is(error: unknown, code?: ErrorCode): error is PhlbError {
    return error instanceof PhlbError && (code === undefined || error.code === code);
  }

  /** One line for a user: what, which path, why, what to do. */
  get line(): string {
    return oneLine(
      [
        this.message,
        this.path === undefined ? '' : `: ${this.path}`,
        this.hint === undefined ? '' : ` (${this.hint})`,
      ].join(''),
    );
  }
}

/** Makes any thrown value fit for `postMessage`; what is not a `PhlbError` becomes one with code `fallback`. */
export function toErrorData(error: unknown, fallback: ErrorCode = 'store'): ErrorData {
  const base = error instanceof Error ? error : new Error(String(error));
  const known = PhlbError.is(base);
  const path = known ? base.path : errnoPath(base);
  return {
    code: known ? base.code : fallback,
    message: base.message,
    ...(path === undefined ? {} : { path }),
    ...(known && base.hint !== undefined ? { hint: base.hint } : {}),
    ...(base.cause instanceof Error ? { cause: base.cause.message } : {}),
    ...(base.stack === undefined ? {} : { stack: base.stack }),
  };
}

/** The reverse of `toErrorData`. */
export function fromErrorData(data: ErrorData): PhlbError {
  const error = new PhlbError(data.code, data.message, {
    path: data.path,
    hint: data.hint,
    cause: data.cause === undefined ? undefined : new Error(data.cause),
  });
  if (data.stack !== undefined) error.stack = data.stack;
  return error;
}

/** The `code` of a system error (`ENOENT`…), or `undefined` for anything else. */
export function errno(error: unknown): string | undefined {
  if (!(error instanceof Error) || PhlbError.is(error)) return undefined;
  const code = (error as NodeJS.ErrnoException).code;
  return typeof code === 'string' ? code : undefined;
}

/** What to tell a user of a system error: `EACCES: permission denied`, without Node's call and path. */
export function reason(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return oneLine(message.replace(/, \w+( '.*)?$/s, ''));
}

function errnoPath(error: Error): string | undefined {
  const path = (error as NodeJS.ErrnoException).path;
  return typeof path === 'string' && !error.message.includes(path) ? path : undefined;
}

// A file name may hold a newline; a message may not.
function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' ');
}
