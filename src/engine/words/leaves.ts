import { dirname } from './names.js';

/** Those of the listed paths that people would count: a folder only where nothing in it is listed itself. In their order. */
export function leavesOf(paths: readonly string[]): string[] {
  const parents = new Set(paths.map(dirname));
  return paths.filter(path => !parents.has(path));
}
