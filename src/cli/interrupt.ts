import { ExitStatus } from './status.js';
import type { Terminal } from './terminal.js';
import type { StopSignal, World } from './world.js';

/** What cleaning up may take. A little more than the engine gives a cancelled call, so that its answer can be told. Ms. */
const PATIENCE_MS = 8000;
/** What is not read by then will not be. Ms. */
const UNREAD_MS = 500;

/**
 * Ctrl-C and SIGTERM: the first one asks the engine to stop and clean up; a second one ends the process at once, and so does
 * time, when something does not return. Nobody waits for a result to be read.
 */
export class Interrupt {
  private readonly controller = new AbortController();
  private received: StopSignal | undefined;
  private deadline: NodeJS.Timeout | undefined;
  private unread: NodeJS.Timeout | undefined;
  private readonly release: () => void;

  constructor(
    private readonly terminal: Terminal,
    private readonly world: Pick<World, 'engine' | 'onStop' | 'end'>,
  ) {
    this.release = world.onStop(signal => this.handle(signal));
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Ends the engine. What cannot be ended ends with the process, here and now. */
  async dispose(): Promise<void> {
    if (!(await this.world.engine.dispose())) this.die();
    clearTimeout(this.deadline);
    clearTimeout(this.unread);
    this.release();
  }

  private handle(signal: StopSignal): void {
    if (this.received) return void this.end();
    this.received = signal;
    this.controller.abort();
    this.deadline = setTimeout(() => void this.end(), PATIENCE_MS);
    this.deadline.unref();
    this.unread = setTimeout(() => {
      if (this.terminal.isPrinting) void this.end();
    }, UNREAD_MS);
    this.unread.unref();
    this.terminal.diagnose('Stopping (press Ctrl-C again to end at once)');
  }

  private async end(): Promise<void> {
    this.terminal.endProgress();
    if (await this.world.engine.dispose()) this.world.end(ExitStatus.cancelled);
    else this.die();
  }

  // `process.exit` waits for the threads. By the signal itself a shell reads 128 + its number: 130, 143.
  private die(): void {
    this.terminal.diagnose('Ended without waiting for the system, which does not respond; what was published is whole');
    this.release();
    this.world.end(this.received ?? 'SIGKILL');
  }
}
