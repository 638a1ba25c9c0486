// Few samples, some of them spoilt by what else the machine did: medians, and the spread beside them.

/** @returns median, smallest and largest of one or more numbers */
export function summary(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, min: sorted[0], max: sorted.at(-1) };
}

/** Each round's ratio by itself, so that a slow minute of the machine slows both sides of it. */
export function ratios(samples, others) {
  return samples.map(({ seconds }, round) => seconds / others[round].seconds);
}
