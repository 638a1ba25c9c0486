import { PhlbError } from '../engine/errors.js';
import type { Progress } from '../engine/model.js';
import { progressBar, progressLine, shortageLine } from './progress.js';
import { printable } from './text.js';

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

  constructor(
    private readonly stdout: NodeJS.WriteStream,
    private readonly stderr: NodeJS.WriteStream,
  ) {}

  /** `whenBroken` runs when the reader of stdout (`head`, a closed pager) has gone: the rest is not wanted. */
  onBrokenPipe(whenBroken: () => void): void {
    this.stdout.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      whenBroken();
    });
    this.stderr.on('error', () => undefined);
  }

  /** Writes a result; resolves when it is out, however slow the reader. */
  print(text: string): Promise<void> {
    this.eraseBar();
    return new Promise(done => this.stdout.write(text, () => done()));
  }

  /** Writes one line of diagnostics. */
  diagnose(line: string): void {
    this.eraseBar();
    this.stderr.write(`phlb: ${printable(line)}\n`);
  }

  error(error: unknown, withStack: boolean): void {
    if (PhlbError.is(error)) this.diagnose(error.line);
    else this.diagnose(`Unexpected error: ${String(error)} (PHLB_DEBUG=1 shows where)`);
    if (withStack && error instanceof Error && error.stack !== undefined) this.stderr.write(`${error.stack}\n`);
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
      this.stderr.write(`\r${progressBar(this.latest, this.stderr.columns || 80)}\x1b[K`);
      this.barDrawn = true;
    } else {
      this.stderr.write(`phlb: ${progressLine(this.latest)}\n`);
    }
  }

  private eraseBar(): void {
    if (this.barDrawn) this.stderr.write('\r\x1b[K');
    this.barDrawn = false;
  }
}
