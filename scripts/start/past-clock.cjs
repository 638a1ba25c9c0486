// Preloaded (`node --require`) into a phlb that is to take a snapshot at some other time: turns the clock by
// PHLB_SAMPLE_SHIFT_MS in every thread, so that a sample can have a history of several days.
const realNow = Date.now;
const now = () => realNow() + Number(process.env.PHLB_SAMPLE_SHIFT_MS ?? 0);

globalThis.Date = class extends Date {
  constructor(...given) {
    super(...(given.length > 0 ? given : [now()]));
  }

  static now() {
    return now();
  }
};
