/** Globs that leave things out, as texts; `scan/rules.ts` compiles them. */

/** A glob without what says how it is to be taken: `/` or `./` at its beginning, `/` at its end. */
export function bodyOf(glob: string): string {
  return glob.replace(/^\.?\//, '').replace(/\/+$/, '');
}

/** The name that a glob like `**` + `/name` leaves out at any depth, as nearly all do; `undefined`: it is another one. */
export function nameAtAnyDepth(glob: string): string | undefined {
  return /^\*\*\/([^*?[\]{}()!+@\\/#]+)$/.exec(bodyOf(glob))?.[1];
}
