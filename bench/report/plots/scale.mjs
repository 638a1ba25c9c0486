// From values to places on an axis.

/**
 * @param domain smallest and largest value; a linear axis starts at 0
 * @returns `at(value)`, its place between `from` and `to`, and the `ticks` worth a line
 */
export function makeScale({ domain: [min, max], from, to, log = false }) {
  if (log) {
    const [low, high] = [Math.log10(min), Math.log10(max)];
    const at = value => from + ((Math.log10(value) - low) / (high - low || 1)) * (to - from);
    return { at, ticks: powersOfTen(min, max) };
  }
  const step = niceStep(max);
  const top = Math.max(step, Math.ceil(max / step - 1e-9) * step);
  const ticks = Array.from({ length: Math.round(top / step) + 1 }, (_, i) => i * step);
  return { at: value => from + (value / top) * (to - from), ticks };
}

/** 1500 is 1.5k, 0.25 is 0.25 */
export function shortNumber(value) {
  if (value >= 1e6) return `${trimmed(value / 1e6)}M`;
  if (value >= 1e3) return `${trimmed(value / 1e3)}k`;
  return trimmed(value);
}

function powersOfTen(min, max) {
  const first = Math.ceil(Math.log10(min) - 1e-9);
  const last = Math.floor(Math.log10(max) + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i));
}

// 1, 2 or 5 times a power of ten: three to six of them.
function niceStep(max) {
  const power = 10 ** Math.floor(Math.log10(max || 1));
  const step = [0.2, 0.5, 1, 2].find(factor => max / (factor * power) <= 6) ?? 2;
  return step * power;
}

function trimmed(value) {
  return String(Number(value.toPrecision(3)));
}
