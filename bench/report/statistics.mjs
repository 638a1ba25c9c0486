// Few samples, some of them spoilt by what else the machine did: medians, and the spread beside them.

/** @returns median, smallest and largest of one or more numbers */
export function summary(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, min: sorted[0], max: sorted.at(-1) };
}

/** Of one figure of each sample; undefined where it was not measured. */
export function summaryOf(samples, key) {
  return samples[0][key] === undefined ? undefined : summary(samples.map(sample => sample[key]));
}

/** Each round's ratio by itself, so that a slow minute of the machine slows both sides; of the rounds that both have. */
export function ratios(samples, others) {
  return samples.slice(0, others.length).map(({ seconds }, round) => seconds / others[round].seconds);
}

/** As text: `2.12 (1.77–4.16)`, median and range; without the range where there is none. */
export function spread({ median, min, max }, digits) {
  const shown = number(median, digits);
  return min === max ? shown : `${shown} (${number(min, digits)}–${number(max, digits)})`;
}

/** A dash for what was not measured. */
export function number(value, digits) {
  return Number.isFinite(value) ? value.toLocaleString('en', fixed(digits)) : '–';
}

function fixed(digits) {
  return { minimumFractionDigits: digits, maximumFractionDigits: digits };
}
