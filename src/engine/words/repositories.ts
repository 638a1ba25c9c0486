/** Git repositories in a source, told by their paths. */

/**
 * The repository that a path belongs to: its own path down to the first part named `.git`, be that a folder, the file of a
 * worktree or submodule, or a link. `undefined`: it is none of a repository's own files. A bare repository is a folder like
 * any other.
 * @param folds names that differ in case only are one there, so that git takes `.GIT` for its own
 */
export function repositoryOf(path: string, folds = false): string | undefined {
  if (!folds && !path.includes('.git')) return undefined;
  const parts = path.split('/');
  const at = parts.findIndex(part => part === '.git' || (folds && part.toLowerCase() === '.git'));
  return at < 0 ? undefined : parts.slice(0, at + 1).join('/');
}

/** Of an outermost path and what lies in it. */
export function isAtOrBelow(path: string, top: string): boolean {
  return path === top || path.startsWith(`${top}/`);
}
