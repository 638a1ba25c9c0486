import { TimeSlices } from './time-slices.js';

export interface LineChanges {
  added: number;
  removed: number;
}

/** beyond that, texts have so little in common that it would take seconds to find */
const EDITS_AT_MOST = 2000;
/** how many lines are taken between two looks at the clock */
const STEPS = 1024;

/**
 * By how few lines added and removed one text becomes the other. Never holds the thread for long.
 * @returns `undefined`: cancelled, or they have too little in common
 * @see E. Myers, An O(ND) Difference Algorithm and Its Variations (1986)
 */
export async function countLineChanges(
  before: string,
  after: string,
  isCancelled: () => boolean,
): Promise<LineChanges | undefined> {
  const slices = new TimeSlices();
  const numbers = new Map<string, number>();
  const a = await lineNumbers(before, numbers, slices);
  const b = await lineNumbers(after, numbers, slices);
  const inCommon = await commonLines(a, b, slices, isCancelled);
  return inCommon === undefined ? undefined : { added: b.length - inCommon, removed: a.length - inCommon };
}

// Each line as a number, equal ones as the same; a last line without an end is another one than with it.
async function lineNumbers(text: string, numbers: Map<string, number>, slices: TimeSlices): Promise<number[]> {
  const lines: number[] = [];
  for (let at = 0; at < text.length;) {
    const end = text.indexOf('\n', at);
    const line = end < 0 ? text.slice(at) : text.slice(at, end + 1);
    at += line.length;
    const number = numbers.get(line) ?? numbers.size;
    numbers.set(line, number);
    lines.push(number);
    if (lines.length % STEPS === 0 && slices.isDue) await slices.rest();
  }
  return lines;
}

async function commonLines(
  before: readonly number[],
  after: readonly number[],
  slices: TimeSlices,
  isCancelled: () => boolean,
): Promise<number | undefined> {
  const [olds, news] = [new Set(before), new Set(after)];
  // What stands on one side only is no part of what they have in common.
  const a = before.filter(line => news.has(line));
  const b = after.filter(line => olds.has(line));
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let same = 0;
  while (same < a.length - start && same < b.length - start && a.at(-1 - same) === b.at(-1 - same)) same++;
  const middle = await commonInOrder(
    a.slice(start, a.length - same),
    b.slice(start, b.length - same),
    slices,
    isCancelled,
  );
  return middle === undefined ? undefined : start + middle + same;
}

// How many lines the longest sequence has that both hold in this order. `reach` is how far in `a` one comes on each
// diagonal (place in `a` less place in `b`) with so many edits.
async function commonInOrder(
  a: readonly number[],
  b: readonly number[],
  slices: TimeSlices,
  isCancelled: () => boolean,
): Promise<number | undefined> {
  const most = Math.min(a.length + b.length, EDITS_AT_MOST);
  const reach = new Int32Array(2 * most + 3);
  const on = (diagonal: number): number => reach[diagonal + most + 1] ?? 0;
  for (let edits = 0; edits <= most; edits++) {
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const isAdded = diagonal === -edits || (diagonal !== edits && on(diagonal - 1) < on(diagonal + 1));
      let x = isAdded ? on(diagonal + 1) : on(diagonal - 1) + 1;
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x++;
      reach[diagonal + most + 1] = x;
      if (x >= a.length && x - diagonal >= b.length) return (a.length + b.length - edits) / 2;
    }
    if (isCancelled()) return undefined;
    if (slices.isDue) await slices.rest();
  }
  return undefined;
}
