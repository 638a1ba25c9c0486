import { chmodSync, lstatSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';

/** Damage as a disk does it, and (a second time) its undoing: nothing but the content tells. */
export function flip(file: string): void {
  const { mode, mtimeNs } = lstatSync(file, { bigint: true });
  chmodSync(file, 0o644);
  writeFileSync(file, Buffer.from(readFileSync(file).map(byte => byte ^ 1)));
  chmodSync(file, Number(mode) & 0o777);
  const seconds = (Number(mtimeNs / 1000n) + 0.5) / 1e6;
  utimesSync(file, seconds, seconds);
}
