import { errno, passAllButRefusals, passUnforeseen, PhlbError, reason } from '../engine/words/errors.js';
import type { Progress } from '../engine/words/model.js';
import { progressBar, progressLine, shortageLine } from './progress.js';
import { printable } from './text.js';
import type { Output } from './world.js';

const BAR_EVERY_MS = 100;
const LINE_EVERY_MS = 5000;
// What is over by then shows no progress at all.
const BAR_AFTER_MS = 300;

/** Results to stdout; progress and diagnostics to stderr, which never tear each other's lines. */
export class Terminal {
  showProgress = true;
  private latest: Progress | undefined;
  private timer: NodeJS.Timeout | undefined;
  private barDrawn = false;
  private isLost = false;
  private printing = 0;

  constructor(
    private readonly stdout: Output,
    private readonly stderr: Output,
    private readonly showStacks: boolean,
  ) {
    stdout.on('error', error => this.lose(error));
    stderr.on('error', passUnforeseen);
  }

  /** Whether nobody gets what is printed. */
  get isUnread(): boolean {
    return this.isLost;
  }

  /** Whether there is a result that whoever reads it has not taken yet. */
  get isPrinting(): boolean {
    return this.printing > 0;
  }

  /**
   * Writes a result; resolves when it is out, however slow the reader, or when it is lost: the work goes on, and what the
   * process says at its end is about the work.
   */
  print(text: string): Promise<void> {
    this.eraseBar();
    return new Promise(done => {
      if (this.isLost) return done();
      this.printing++;
      const ended = (error?: Error | null): void => {
        this.printing--;
        if (error) this.lose(error);
        done();
      };
      // Into a file Node writes at once, and throws.
      try {
        this.stdout.write(text, ended);
      } catch (error) {
        passAllButRefusals(error);
        ended(error as Error);
      }
    });
  }

  /** Writes one line of diagnostics. */
  diagnose(line: string): void {
    this.eraseBar();
    this.say(`phlb: ${printable(line)}\n`);
  }

  /** Writes a question, behind which somebody answers. */
  ask(question: string): void {
    this.eraseBar();
    this.say(printable(question));
  }

  error(error: unknown): void {
    if (PhlbError.is(error)) this.diagnose(error.line);
    else this.diagnose(`Unexpected error: ${String(error)} (PHLB_DEBUG=1 shows where)`);
    if (this.showStacks && error instanceof Error && error.stack !== undefined) this.say(`${error.stack}\n`);
  }

  /** Shows progress until `endProgress`. */
  beginProgress(): (progress: Progress) => void {
    this.endProgress();
    const everyMs = this.stderr.isTTY ? BAR_EVERY_MS : LINE_EVERY_MS;
    const began = performance.now();
    this.timer = setInterval(() => {
      if (performance.now() - began >= BAR_AFTER_MS) this.draw();
    }, everyMs);
    this.timer.unref();
    return progress => {
      this.latest = progress;
      if (progress.shortage) this.diagnose(shortageLine(progress.shortage));
    };
  }

  endProgress(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    this.latest = undefined;
    this.eraseBar();
  }

  private draw(): void {
    if (!this.showProgress || !this.latest) return;
    if (this.stderr.isTTY) {
      this.say(`\r${progressBar(this.latest, this.stderr.columns || 80)}\x1b[K`);
      this.barDrawn = true;
    } else {
      this.say(`phlb: ${progressLine(this.latest)}\n`);
    }
  }

  private eraseBar(): void {
    if (this.barDrawn) this.say('\r\x1b[K');
    this.barDrawn = false;
  }

  // A reader that has gone (`head`, a closed pager) does not want the rest; any other loss is told, once.
  private lose(error: unknown): void {
    if (this.isLost) return;
    this.isLost = true;
    passAllButRefusals(error);
    if (errno(error) === 'EPIPE') return;
    this.diagnose(`The output cannot be written (${reason(error)}); the rest of it is lost`);
  }

  // What nobody can be told is told to nobody.
  private say(text: string): void {
    try {
      this.stderr.write(text);
    } catch (error) {
      passUnforeseen(error);
    }
  }
}
