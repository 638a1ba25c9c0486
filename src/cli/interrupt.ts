import { ExitStatus } from './status.js';
import type { Terminal } from './terminal.js';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** Ctrl-C: the first one asks the engine to stop and clean up, a second one ends the process at once. */
export class Interrupt {
  private readonly controller = new AbortController();

  constructor(private readonly terminal: Terminal) {
    for (const signal of SIGNALS) process.on(signal, this.handle);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  dispose(): void {
    for (const signal of SIGNALS) process.off(signal, this.handle);
  }

  private readonly handle = (): void => {
    if (this.controller.signal.aborted) process.exit(ExitStatus.cancelled);
    this.controller.abort();
    this.terminal.diagnose('Stopping (Ctrl-C again ends it at once)');
  };
}
