// Preloaded (`node --require`) into a phlb that is to take a snapshot at some other time: turns the clock by
// PHLB_SAMPLE_SHIFT_MS in every thread, so that a sample can have a history of several days.
const realNow = Date.now;
const now = () => realNow() + Number(process.env.PHLB_SAMPLE_SHIFT_MS ?? 0);

globalThis.Date = new Proxy(Date, {
  construct: (target, given, newTarget) =>
    /** @type {Date} */ (Reflect.construct(target, given.length > 0 ? given : [now()], newTarget)),
  get: (target, key) => (key === 'now' ? now : /** @type {unknown} */ (Reflect.get(target, key))),
});
