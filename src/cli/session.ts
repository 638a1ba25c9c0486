import { PhlbError } from '../engine/words/errors.js';
import type { PathError, StoreLocation } from '../engine/words/model.js';
import type { CallName, Calls, ItemOf } from '../worker/protocol.js';
import { jsonDocument } from './json.js';
import type { CommandLine, OptionValues } from './options.js';
import { absolute } from './paths.js';
import { exitStatus, type ExitStatus } from './status.js';
import type { Terminal } from './terminal.js';
import type { World } from './world.js';

/** What a command works with: the world with its engine, the store's place, the terminal and what the user asked for. */
export class Session {
  readonly operands: string[];
  readonly options: OptionValues;

  constructor(
    readonly world: World,
    readonly location: StoreLocation,
    readonly terminal: Terminal,
    /** Ctrl-C and the like: aborts when the command is to stop */
    readonly signal: AbortSignal,
    line: CommandLine,
  ) {
    this.operands = line.operands;
    this.options = line.values;
  }

  get json(): boolean {
    return this.options.json === true;
  }

  get quiet(): boolean {
    return this.options.quiet === true;
  }

  /** A path of the command line, made absolute. Throws `usage` for a relative one where the working folder has gone. */
  absolute(path: string): string {
    return absolute(path, this.world);
  }

  /** One call to the engine, with progress and Ctrl-C. */
  async call<N extends CallName>(
    name: N,
    request: Calls[N][0],
    { limit, onItems }: Limits<N> = {},
  ): Promise<Calls[N][1]> {
    const onProgress = this.terminal.beginProgress();
    const signal = limit ? AbortSignal.any([this.signal, limit]) : this.signal;
    try {
      return await this.world.engine.call(name, request, { onProgress, signal, ...(onItems ? { onItems } : {}) });
    } finally {
      this.terminal.endProgress();
    }
  }

  /** A call that is all the command does: if it fails, `--json` still gets its one document. */
  async callOrReport<N extends CallName>(name: N, request: Calls[N][0]): Promise<Calls[N][1] | ExitStatus> {
    try {
      return await this.call(name, request);
    } catch (error) {
      return this.reportFailure(error);
    }
  }

  /** Says that a command's only call has failed. */
  async reportFailure(error: unknown): Promise<ExitStatus> {
    this.fail(error);
    if (this.json) await this.printJson({ errors: [failure(error)] });
    return exitStatus(error);
  }

  fail(error: unknown): void {
    this.terminal.error(error);
  }

  printJson(document: object): Promise<void> {
    return this.terminal.print(jsonDocument(document));
  }

  printLines(lines: string[]): Promise<void> {
    return lines.length === 0 ? Promise.resolve() : this.terminal.print(`${lines.join('\n')}\n`);
  }

  /** Names each path that went wrong, unless the JSON does. */
  reportErrors(errors: PathError[]): void {
    if (this.json) return;
    for (const { path, code, message } of errors) {
      this.terminal.diagnose(`${path}: ${message.includes(code) ? message : `${message} (${code})`}`);
    }
  }
}

interface Limits<N extends CallName> {
  /** cancels the call, too */
  limit?: AbortSignal | undefined;
  /** takes what comes before the result */
  onItems?: (items: readonly ItemOf<N>[]) => Promise<void>;
}

/** What of a request failed while the rest went on, for the JSON: a field that is there only when something did. */
export function failures(errors: PathError[]): { errors?: PathError[] } {
  return errors.length === 0 ? {} : { errors: errors.map(({ path, code, message }) => ({ path, code, message })) };
}

/** A failed request as the JSON's error object. */
export function failure(error: unknown): PathError {
  if (!PhlbError.is(error)) return { path: '', code: 'unexpected', message: String(error) };
  return { path: error.path ?? '', code: error.code, message: error.line };
}
