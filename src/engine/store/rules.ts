import type { Rules } from '../words/model.js';

/** Whether a value from a file is rules: a size of the wrong type would let everything or nothing through. */
export function isRules(value: unknown): value is Rules {
  if (typeof value !== 'object' || value === null) return false;
  const { exclude, useGitignore, maxFileSize, oneFileSystem } = value as Partial<Record<keyof Rules, unknown>>;
  return (
    Array.isArray(exclude) &&
    exclude.every(glob => typeof glob === 'string') &&
    typeof useGitignore === 'boolean' &&
    (maxFileSize === null || (typeof maxFileSize === 'number' && maxFileSize >= 0)) &&
    typeof oneFileSystem === 'boolean'
  );
}

/** A number of things or bytes, small enough that sums of them stay exact. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
