/** Why one path is left as it is. Carries a code of PHLB's own, like a system error its code. */
export class RefusedError extends Error {
  constructor(
    readonly code: string,
    why: string,
  ) {
    super(`${code}: ${why}`);
  }
}
