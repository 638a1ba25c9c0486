import { constants } from 'node:os';
import { phrase, textOf, type Hint, type Phrase } from './phrase.js';

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
 * - `noRepository`, `wrongPassword`: of the copies off this machine
 * - `offsite`: restic, or that repository, fails otherwise, or does not answer
 * - `tooManyFiles`: this process, or the whole system, may not open any more files
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
  | 'crashed'
  | 'noRepository'
  | 'wrongPassword'
  | 'offsite'
  | 'tooManyFiles';

// The quota of a user, a group or a folder is used up.
const { EDQUOT } = constants.errno;

/** What crosses a thread boundary in place of a `PhlbError`, whose class would be lost by structured clone. */
export interface ErrorData {
  code: ErrorCode;
  said: Phrase;
  path?: string;
  hint?: Hint;
  cause?: string;
  /** the code of the system's error behind it */
  errno?: string;
  stack?: string;
}

/** The one error of PHLB. `message` says what and why, `path` where, `hint` what the user can do about it. */
export class PhlbError extends Error {
  /** `message`, for who says it in another language */
  readonly said: Phrase;
  readonly path: string | undefined;
  readonly hint: Hint | undefined;

  /** A text instead of a phrase is one that nobody translates, or that is translated already. */
  constructor(
    readonly code: ErrorCode,
    said: Phrase | string,
    details: { path?: string | undefined; hint?: Hint | string | undefined; cause?: unknown } = {},
  ) {
    const words = asPhrase(said);
    super(textOf(words), details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'PhlbError';
    this.said = words;
    this.path = details.path;
    this.hint = details.hint === undefined ? undefined : asPhrase(details.hint);
  }

  static is(error: unknown, code?: ErrorCode): error is PhlbError {
    return error instanceof PhlbError && (code === undefined || error.code === code);
  }

  static cancelled(): PhlbError {
    return new PhlbError('cancelled', phrase`Cancelled`);
  }

  /** One line for a user: what, which path, why, what to do. */
  get line(): string {
    return this.lineIn(textOf);
  }

  /** The line in another language. */
  lineIn(say: (words: Hint) => string): string {
    const path = this.path === undefined ? '' : `: ${this.path}`;
    const hint = this.hint === undefined ? '' : say(this.hint);
    return oneLine(`${say(this.said)}${path}${hint === '' ? '' : ` (${hint})`}`);
  }
}

/** Makes any thrown value fit for `postMessage`; what is not a `PhlbError` becomes one with code `fallback`. */
export function toErrorData(error: unknown, fallback: ErrorCode = 'store'): ErrorData {
  const base = tooManyFiles(error) ?? (error instanceof Error ? error : new Error(String(error)));
  const known = PhlbError.is(base);
  const path = known ? base.path : errnoPath(base);
  const system = errno(known ? base.cause : base);
  return {
    code: known ? base.code : fallback,
    said: known ? base.said : asPhrase(base.message),
    ...(path === undefined ? {} : { path }),
    ...(known && base.hint !== undefined ? { hint: base.hint } : {}),
    ...(base.cause instanceof Error ? { cause: base.cause.message } : {}),
    ...(system === undefined ? {} : { errno: system }),
    ...(base.stack === undefined ? {} : { stack: base.stack }),
  };
}

/** The reverse of `toErrorData`. */
export function fromErrorData(data: ErrorData): PhlbError {
  const error = new PhlbError(data.code, data.said, {
    path: data.path,
    hint: data.hint,
    cause: causeOf(data),
  });
  if (data.stack !== undefined) error.stack = data.stack;
  return error;
}

/** The code of the system's error that this one is, or that is behind it. */
export function systemCode(error: unknown): string | undefined {
  return errno(PhlbError.is(error) ? error.cause : error);
}

/**
 * The `code` with which the system answered to a path (`ENOENT`…); `undefined` for anything else: for mistakes, which
 * Node gives codes too (`ERR_INVALID_ARG_TYPE`), and for a lack of open files, which says nothing of any path.
 */
export function errno(error: unknown): string | undefined {
  const code = codeOf(error);
  return code !== undefined && SYSTEM_CODE.test(code) && !OUT_OF_FILES.test(code) ? code : undefined;
}

/** The `errno` of what the system has refused. @throws any other error: it is no answer of the system */
export function refusalCode(error: unknown): string {
  const code = errno(error);
  if (code === undefined) throw error;
  return code;
}

/**
 * For a `catch` that goes on without what the system has refused, for any reason or for one of those `foreseen`. Throws
 * all else.
 */
export function passAllButRefusals(error: unknown, ...foreseen: string[]): void {
  const code = refusalCode(error);
  if (foreseen.length > 0 && !foreseen.includes(code)) throw error;
}

/** What `act` returns; `undefined` where the system refuses it, for any reason or for one of those `foreseen`. */
export function unlessRefused<T>(act: () => T, ...foreseen: string[]): T | undefined {
  try {
    return act();
  } catch (error) {
    passAllButRefusals(error, ...foreseen);
    return undefined;
  }
}

/**
 * For a `catch` that goes on without what it tried, and that reads data from outside: lets through what
 * `passAllButRefusals` does, and data that cannot be understood (SyntaxError, `damaged`). Throws all else: mistakes of
 * PHLB (TypeError…), a lack of open files, every other `PhlbError`.
 */
export function passUnforeseen(error: unknown): void {
  if (error instanceof SyntaxError || PhlbError.is(error, 'damaged')) return;
  passAllButRefusals(error);
}

/** The error of a lack of open files, whoever met it; `undefined` for any other. */
export function tooManyFiles(error: unknown): PhlbError | undefined {
  if (PhlbError.is(error, 'tooManyFiles')) return error;
  const code = codeOf(error) ?? '';
  // A thread that cannot even start has it in its message only.
  const met = code === 'ERR_WORKER_INIT_FAILED' ? String(error).replace(/^.*: /s, '') : code;
  if (!OUT_OF_FILES.test(met)) return undefined;
  return new PhlbError('tooManyFiles', phrase`Too many open files (${met})`, {
    hint: phrase`raise the limit (on Linux and macOS with "ulimit -n 1024") or close other programs, and try again`,
    cause: error,
  });
}

/**
 * What to tell a user of a system error: `EACCES: permission denied`, without Node's call and path.
 * @throws PhlbError `tooManyFiles` for a lack of open files: it is nobody's reason, least of all that of a path
 */
export function reason(error: unknown): string {
  const lack = tooManyFiles(error);
  if (lack !== undefined) throw lack;
  const message = error instanceof Error ? error.message : String(error);
  if (errno(error) === 'EDQUOT') return 'EDQUOT: disk quota exceeded';
  return oneLine(message.replace(/, \w+( '.*)?$/s, ''));
}

function causeOf({ cause, errno: code, said }: ErrorData): Error | undefined {
  if (code !== undefined) return Object.assign(new Error(cause ?? textOf(said)), { code });
  return cause === undefined ? undefined : new Error(cause);
}

// `UNKNOWN` is what libuv has no code for.
const SYSTEM_CODE = /^(E[A-Z0-9]+|UNKNOWN)$/;
const OUT_OF_FILES = /^(EMFILE|ENFILE)$/;

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || PhlbError.is(error)) return undefined;
  const { code, errno: number } = error as NodeJS.ErrnoException;
  // libuv has no word for it.
  if (number === -EDQUOT) return 'EDQUOT';
  return typeof code === 'string' ? code : undefined;
}

function asPhrase(words: Hint | string): Hint {
  return typeof words === 'string' ? phrase`${words}` : words;
}

function errnoPath(error: Error): string | undefined {
  const path = (error as NodeJS.ErrnoException).path;
  return typeof path === 'string' && !error.message.includes(path) ? path : undefined;
}

// A file name may hold a newline; a message may not.
function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' ');
}
