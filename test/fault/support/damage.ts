/** Damage to a file at every kind of place, the same in every run (`PHLB_TEST_SEED` for others). */
import fc from 'fast-check';

const SEED = Number(process.env['PHLB_TEST_SEED'] ?? 20160107);

/** What an accident makes of the bytes from there on. */
export const DAMAGE: Record<string, (whole: Buffer, offset: number) => Buffer> = {
  'cut off': (whole, offset) => whole.subarray(0, offset),
  'one bit turned': (whole, offset) => overwrite(whole, offset, Buffer.of((whole[offset] ?? 0) ^ 16)),
  'a sector of zeros': (whole, offset) => overwrite(whole, offset, Buffer.alloc(512)),
  'a sector of another place': (whole, offset) =>
    overwrite(whole, offset, whole.subarray(whole.length >> 1, (whole.length >> 1) + 512)),
};

/** The header, both sides of a page's boundary, the end, and anywhere. */
export function offsetsIn(length: number): number[] {
  const random = fc.sample(fc.nat({ max: length - 1 }), { seed: SEED, numRuns: 6 });
  const fixed = [0, 3, 18, 99, 4095, 4096, 4097, (length >> 1) & ~4095, length - 4096, length - 9, length - 1];
  return [...new Set([...fixed.filter(offset => offset >= 0 && offset < length), ...random])];
}

function overwrite(whole: Buffer, offset: number, bytes: Buffer): Buffer {
  const damaged = Buffer.from(whole);
  bytes.copy(damaged, offset);
  // A sector that was there already is no accident.
  if (damaged.equals(whole)) damaged[offset] = (damaged[offset] ?? 0) ^ 1;
  return damaged;
}
