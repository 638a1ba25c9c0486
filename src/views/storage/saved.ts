/**
 * How much of what full copies would take is saved, in whole percent, against all that the location takes on the disk:
 * folders and lists of files too, so that it never says more than the two numbers beside it. `undefined`: less than one.
 */
export function savedPercent(copiesBytes: number, takenBytes: number): number | undefined {
  const percent = copiesBytes > 0 ? Math.floor(100 * (1 - takenBytes / copiesBytes)) : 0;
  return percent >= 1 ? percent : undefined;
}
