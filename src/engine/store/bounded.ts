/** The lists of a record, which may grow without end, cut to what its reader takes. */
import type { PathError } from '../words/model.js';

/** A heal or a purge of a published tree. */
export interface ChangeNote {
  kind: 'heal' | 'purge';
  /** ISO-8601 UTC */
  at: string;
  /** the first ones */
  paths: string[];
  /** how many there were, where these are not all */
  count?: number;
}

/** So many paths are named; of the others there is the count. Even of the longest ones a record's reader takes so many. */
const MAX_NAMED = 1000;

interface Errors {
  /** the first ones */
  errors: PathError[];
  /** how many there were, where these are not all */
  errorCount?: number;
}

/** The record as it is written: with the first errors, and of the paths that heals and purges have changed the latest. */
export function bounded<T extends Errors & { changes?: ChangeNote[] }>(record: T): T {
  const count = errorCountOf(record);
  const written = { ...record, errors: record.errors.slice(0, MAX_NAMED) };
  if (count > written.errors.length) written.errorCount = count;
  else delete written.errorCount;
  if (record.changes) written.changes = latest(record.changes);
  return written;
}

/** How many paths of the snapshot had errors. */
export function errorCountOf({ errors, errorCount }: Errors): number {
  return errorCount ?? errors.length;
}

/** Whether the record names every path that had an error. */
export function namesAllErrors(record: Errors): boolean {
  return errorCountOf(record) <= record.errors.length;
}

function latest(changes: readonly ChangeNote[]): ChangeNote[] {
  let left = MAX_NAMED;
  const kept = changes.slice(-MAX_NAMED).reverse();
  const cut = kept.map((note): ChangeNote => {
    const paths = note.paths.slice(0, left);
    left -= paths.length;
    const count = note.count ?? note.paths.length;
    return { ...note, paths, ...(count > paths.length ? { count } : {}) };
  });
  return cut.reverse();
}
