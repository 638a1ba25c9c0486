import { setImmediate as turn } from 'node:timers/promises';

const SLICE_MS = 8;

/** Cuts a long loop into slices, so that the editor's other work goes on in between: `if (slices.isDue) await slices.rest();` */
export class TimeSlices {
  private since = performance.now();

  get isDue(): boolean {
    return performance.now() - this.since > SLICE_MS;
  }

  async rest(): Promise<void> {
    await turn();
    this.since = performance.now();
  }
}
