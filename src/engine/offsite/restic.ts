/**
 * restic as a program: started, watched and stopped here and nowhere else. What it is told that is secret stands in its
 * environment, never among its arguments, which every user of the machine can read.
 *
 * Facts of restic 0.17 to 0.19: exit status 3 some files could not be read, 10 no repository, 11 locked, 12 wrong password;
 * with `--json` a line a message, `exit_error` and `error` on standard error.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { errno, passUnforeseen, PhlbError, reason } from '../words/errors.js';
import { isCancelled, type Call } from '../words/call.js';
import { commandLineHint, phrase } from '../words/phrase.js';
import { shownAddress, withoutSecrets } from './address.js';
import type { OffsiteTarget } from './model.js';
import { settingsOf } from './restic-settings.js';
import { Movement, Watch, type ResticMessage } from './restic-watch.js';

/** The oldest one that says by its exit status what is wrong. */
const OLDEST = [0, 17] as const;
const PATIENCE_S = 60;
/** Nothing was sent or received for so long, and restic did not complain. It gives requests up after 5 minutes itself. */
const SILENCE_MS = 15 * 60_000;
/** A question that restic answers only when it has read all lists, on a slow line: so many times as long as a complaint. */
const QUESTION = 5;
/** A message of restic's; longer ones are cut. */
const MESSAGE = 500;
const MESSAGES = 1000;
/** The list of a hundred thousand copies. */
const OUTPUT = 256 << 20;

/** Exit statuses of restic. */
export const NO_REPOSITORY = 10;
const LOCKED = 11;
const WRONG_PASSWORD = 12;
/** It has made a snapshot, but could not read all files. */
export const SOME_UNREAD = 3;
/** Of any kind. */
export const FAILED = 1;

export interface ResticRun {
  cwd?: string;
  env?: Record<string, string>;
  /** Each message. Returns whether it shows that something has moved on. */
  onMessage?: (message: ResticMessage) => boolean;
  /** it sends or receives much: only silence is a sign of a server that has gone, not how long it takes */
  long?: boolean;
  /** exit statuses that are none of an error */
  accepts?: readonly number[];
}

export interface ResticEnd {
  status: number;
  /** of a command that prints one document */
  output: string;
  /** that were no JSON, and the messages of those that were, without secrets, the first thousand */
  complaints: Complaint[];
}

/** What restic could not do, one file or one thing. */
export interface Complaint {
  message: string;
  /** the file that it is about, as restic writes it; `''`: none */
  item: string;
}

/** Whether restic or the repository was in the way, and nothing here. */
export function isAboutRepository(error: unknown): error is PhlbError {
  return PhlbError.is(error) && ['offsite', 'noRepository', 'wrongPassword'].includes(error.code);
}

export class Restic {
  /** as it may be shown */
  readonly shown: string;
  /** what tells the repository from others: secret */
  readonly id: string;

  private constructor(
    private readonly program: string,
    private readonly env: NodeJS.ProcessEnv,
    private readonly patienceMs: number,
    private readonly call: Call,
  ) {
    this.id = env.RESTIC_REPOSITORY || env.RESTIC_REPOSITORY_FILE || '';
    this.shown = shownAddress(this.id);
  }

  /** @throws PhlbError `usage` where repository or password are not named; `offsite` where restic is missing or too old */
  static async open(target: OffsiteTarget, call: Call): Promise<Restic> {
    const { program, env } = settingsOf(target);
    const restic = new Restic(program, env, (target.patience ?? PATIENCE_S) * 1000, call);
    await restic.checkVersion();
    return restic;
  }

  /** One that is not asked anything: only its address and what is remembered of it are known. */
  static unasked(target: OffsiteTarget, call: Call): Restic {
    const { program, env } = settingsOf({ ...target, secrets: { RESTIC_PASSWORD: 'none', ...target.secrets } });
    return new Restic(program, env, 0, call);
  }

  /**
   * Runs one command. A lock that a dead restic has left is removed where it is in the way.
   * @param args without anything secret
   * @throws PhlbError `noRepository`, `wrongPassword`, else `offsite` with what restic said; `cancelled`
   */
  async run(args: readonly string[], options: ResticRun = {}): Promise<ResticEnd> {
    let end = await this.start(args, options);
    if (end.status === LOCKED) {
      // It removes those only whose holder is dead, or silent for half an hour.
      await this.start(['unlock'], {});
      end = await this.start(args, options);
    }
    if (end.status === 0 || options.accepts?.includes(end.status)) return end;
    throw this.failure(end);
  }

  /** Whether the repository can still be reached, after a failure of some files. @throws PhlbError as `run` where it cannot */
  async answers(): Promise<void> {
    await this.run(['cat', 'config', '--no-lock']);
  }

  /** One JSON document. @throws PhlbError as `run`, and `offsite` for what is none */
  async ask(args: readonly string[]): Promise<unknown> {
    const { output } = await this.run([...args, '--json']);
    try {
      return JSON.parse(output);
    } catch (error) {
      passUnforeseen(error);
      throw new PhlbError('offsite', phrase`restic gave an answer that cannot be understood`, { cause: error });
    }
  }

  /** What of a text may be shown, in one line. */
  plain(text: string): string {
    return withoutSecrets(text, this.env).replace(/\s+/g, ' ').trim().slice(0, MESSAGE);
  }

  private async checkVersion(): Promise<void> {
    const { output } = await this.start(['version'], { env: { RESTIC_REPOSITORY: '', RESTIC_PASSWORD: '' } });
    const [, major = '', minor = ''] = /restic (\d+)\.(\d+)/.exec(output) ?? [];
    const isNew = Number(major) > OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) >= OLDEST[1]);
    if (major !== '' && isNew) return;
    throw new PhlbError('offsite', phrase`restic ${OLDEST.join('.')} or newer is needed, not ${version(output)}`, {
      path: this.program,
      hint: commandLineHint('newRestic', OLDEST.join('.')),
    });
  }

  /** What has come of a run that failed. */
  failure({ status, complaints }: ResticEnd): PhlbError {
    const path = this.shown;
    const last = decisive(complaints) ?? `exit status ${status}`;
    switch (status) {
      case NO_REPOSITORY:
        return new PhlbError('noRepository', phrase`There is no repository`, {
          path,
          hint: commandLineHint('makeRepository'),
        });
      case LOCKED:
        return new PhlbError('offsite', phrase`The repository is in use (${last})`, {
          path,
          hint: phrase`try again later`,
        });
      case WRONG_PASSWORD:
        return new PhlbError('wrongPassword', phrase`The password of the repository is wrong`, { path });
      default:
        return new PhlbError('offsite', phrase`restic has failed (${last})`, { path });
    }
  }

  private silent(): PhlbError {
    return new PhlbError('offsite', phrase`The repository does not answer`, {
      path: this.shown,
      hint: phrase`check the network and the server, and try again; what was copied stays`,
    });
  }

  private start(args: readonly string[], { cwd, env, onMessage, long }: ResticRun): Promise<ResticEnd> {
    if (isCancelled(this.call)) return Promise.reject(PhlbError.cancelled());
    const child = spawn(this.program, [...args], {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...this.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    return new Promise((resolve, reject) => {
      const watch = new Watch(
        child,
        this.call,
        long === true ? SILENCE_MS : QUESTION * this.patienceMs,
        this.patienceMs,
      );
      const complaints: Complaint[] = [];
      let output = '';
      child.stdout?.setEncoding('utf8');
      if (onMessage) {
        eachLine(child.stdout, line => {
          const message = jsonOf(line);
          if (message && onMessage(message)) watch.moved();
        });
      } else {
        child.stdout?.on('data', (text: string) => {
          if (output.length < OUTPUT) output += text;
        });
      }
      eachLine(child.stderr, line => {
        if (/retrying after|Load\(|Save\(|List\(/.test(line)) watch.complained();
        const complaint = this.complaintOf(line);
        if (complaint && complaints.length < MESSAGES) complaints.push(complaint);
      });
      child.once('error', error => {
        watch.end();
        reject(this.notStarted(error));
      });
      child.once('close', (status, signal) => {
        watch.end();
        if (watch.why === 'cancelled') reject(PhlbError.cancelled());
        else if (watch.why === 'silent') reject(this.silent());
        else resolve({ status: status ?? (signal === null ? 1 : 128), output, complaints });
      });
    });
  }

  private complaintOf(line: string): Complaint | undefined {
    const message = jsonOf(line);
    if (!message) return line.trim() === '' ? undefined : { message: this.plain(line), item: '' };
    const said = textIn(message['error'], 'message') ?? textIn(message, 'message');
    const item = typeof message['item'] === 'string' ? message['item'] : '';
    return said === undefined ? undefined : { message: this.plain(said), item };
  }

  private notStarted(error: Error): PhlbError {
    const isMissing = errno(error) === 'ENOENT';
    const said = isMissing ? phrase`restic is not there` : phrase`restic cannot be started (${reason(error)})`;
    return new PhlbError('offsite', said, {
      path: this.program,
      hint: commandLineHint('newRestic', OLDEST.join('.')),
      cause: error,
    });
  }
}

/** For a command that may take long, and whose messages nobody needs. */
export function watched(): ResticRun {
  const movement = new Movement();
  return { long: true, onMessage: message => movement.of(message) };
}

// Behind the error itself may stand advice, a line of its own.
function decisive(complaints: readonly Complaint[]): string | undefined {
  const messages = complaints.map(({ message }) => message);
  return messages.findLast(message => /^Fatal|unable to|denied/i.test(message)) ?? messages.at(-1);
}

function version(output: string): string {
  return /restic ([\d.]+)/.exec(output)?.[1] ?? 'an unknown program';
}

function eachLine(stream: NodeJS.ReadableStream | null, take: (line: string) => void): void {
  if (stream) createInterface({ input: stream, crlfDelay: Infinity }).on('line', take);
}

function jsonOf(line: string): ResticMessage | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as ResticMessage;
  } catch (error) {
    passUnforeseen(error);
    return undefined;
  }
}

function textIn(value: unknown, key: string): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const text = (value as ResticMessage)[key];
  return typeof text === 'string' ? text : undefined;
}
