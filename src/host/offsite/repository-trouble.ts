import { PhlbError } from '../../engine/words/errors.js';

/** What of a repository a person can be asked about. */
export type RepositoryTrouble = 'noRepository' | 'wrongPassword';

/** The engine has one code for all that is the matter with restic and repositories: its phrases tell them apart. */
export const TROUBLES: Readonly<Record<string, RepositoryTrouble>> = {
  'There is no repository': 'noRepository',
  'The password of the repository is wrong': 'wrongPassword',
};

/** `undefined`: something else, of which nobody need be asked. */
export function repositoryTrouble(error: unknown): RepositoryTrouble | undefined {
  return PhlbError.is(error) && Object.hasOwn(TROUBLES, error.said.template)
    ? TROUBLES[error.said.template]
    : undefined;
}

const SEVERAL = 'The repository holds copies of several backup locations: {0}';

/** The stores of which a repository holds copies, where that was the trouble: their ids and the names of their sources. */
export function storesNamed(error: unknown): { id: string; sources: string }[] {
  if (!PhlbError.is(error, 'usage') || error.said.template !== SEVERAL) return [];
  const [list = ''] = error.said.args;
  return [...list.matchAll(/([0-9a-f-]+) \((.*?)\)(?:; |$)/g)].map(([, id = '', sources = '']) => ({ id, sources }));
}
