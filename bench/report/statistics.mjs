// Few samples, some of them spoilt by what else the machine did: medians, and the spread beside them.

/** @import { Sample, Summary, Usage } from '../types.js' */

/** @typedef {Exclude<keyof Sample, undefined>} Figure of a sample */

/**
 * Median, smallest and largest of one or more numbers.
 * @param {number[]} numbers
 * @returns {Summary}
 */
export function summary(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const low = sorted[(sorted.length - 1) >> 1] ?? NaN;
  const high = sorted[sorted.length >> 1] ?? NaN;
  return { median: (low + high) / 2, min: Math.min(...sorted), max: Math.max(...sorted) };
}

/**
 * Of one figure of each sample; undefined where it was not measured.
 * @param {Sample[]} samples
 * @param {Figure} key
 */
export function summaryOf(samples, key) {
  const figures = samples.flatMap(sample => sample[key] ?? []);
  return figures.length < samples.length ? undefined : summary(figures);
}

/**
 * Each round's ratio by itself, so that a slow minute of the machine slows both sides; of the rounds that both have.
 * @param {Usage[]} samples
 * @param {Usage[]} others
 */
export function ratios(samples, others) {
  return samples.flatMap(({ seconds }, round) => {
    const other = others[round];
    return other ? [seconds / other.seconds] : [];
  });
}

/**
 * As text: `2.12 (1.77–4.16)`, median and range; without the range where there is none; a dash for what was not measured.
 * @param {Summary | undefined} found
 * @param {number} digits
 */
export function spread(found, digits) {
  if (!found) return number(undefined, digits);
  const { median, min, max } = found;
  const shown = number(median, digits);
  return min === max ? shown : `${shown} (${number(min, digits)}–${number(max, digits)})`;
}

/**
 * A dash for what was not measured.
 * @param {number | undefined} value
 * @param {number} digits
 */
export function number(value, digits) {
  return value !== undefined && Number.isFinite(value) ? value.toLocaleString('en', fixed(digits)) : '–';
}

/** @param {number} digits */
function fixed(digits) {
  return { minimumFractionDigits: digits, maximumFractionDigits: digits };
}
