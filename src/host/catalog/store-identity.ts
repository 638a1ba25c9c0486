import { readFile } from 'node:fs/promises';
import { Layout } from '../../engine/store/layout.js';

/** The id of the store at a root, read without the engine; `undefined` where none can be read. */
export async function storeIdAt(root: string): Promise<string | undefined> {
  try {
    const file: unknown = JSON.parse(await readFile(new Layout(root).storeFile, 'utf8'));
    return typeof file === 'object' && file !== null && 'id' in file && typeof file.id === 'string'
      ? file.id
      : undefined;
  } catch {
    // Missing, unreadable or nonsense: the engine says which, when somebody needs to know.
    return undefined;
  }
}
