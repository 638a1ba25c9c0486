/**
 * An inode or device number as the kernel has it: 64 bits without a sign. Node hands them out as signed ones (a server, a
 * FUSE file system or ReFS uses the highest bit), and a text of those would be no number to whoever reads it.
 */
export function unsigned(number: bigint): bigint {
  return number < 0n ? BigInt.asUintN(64, number) : number;
}

/** The reverse: as `lstat` gives it. */
export function asInStat(number: bigint): bigint {
  return BigInt.asIntN(64, number);
}
