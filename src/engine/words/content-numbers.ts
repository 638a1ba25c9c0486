/** Whether a content may be in a store, in memory that all threads share: what is not among these numbers is in no snapshot. */
export class ContentNumbers {
  private readonly numbers: BigInt64Array;

  /** @param shared `contentNumber`s in ascending order */
  constructor(shared: SharedArrayBuffer) {
    this.numbers = new BigInt64Array(shared);
  }

  get isEmpty(): boolean {
    return this.numbers.length === 0;
  }

  has(number: bigint): boolean {
    const { numbers } = this;
    const at = placeOf(numbers, number);
    return at < numbers.length && numbers[at] === number;
  }
}

/** Where a number stands among those in ascending order, or would stand. */
export function placeOf(numbers: BigInt64Array, number: bigint): number {
  let from = 0;
  let to = numbers.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((numbers[middle] ?? 0n) < number) from = middle + 1;
    else to = middle;
  }
  return from;
}
