import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errno } from '../../engine/words/errors.js';
import { Layout } from '../../engine/store/layout.js';
import { parseStamp } from '../../engine/words/times.js';

/**
 * What stands in a folder that is to hold backups.
 * - `store`: PHLB's; with the names of its sources
 * - `trees`: snapshots that no store knows, of an old PyHardLinkBackup or of a store that lost its list; with their number
 * - `files`: something else
 * - `empty`: nothing, or no folder yet
 */
export type LocationContents =
  { kind: 'store'; sources: string[] } | { kind: 'trees'; count: number } | { kind: 'files' } | { kind: 'empty' };

/** Looks, and changes nothing. @throws the system's error where the folder cannot be read */
export async function locationContents(root: string): Promise<LocationContents> {
  const sources = await knownSources(root);
  if (sources) return { kind: 'store', sources };
  const names = await namesIn(root);
  const stamps = await Promise.all(names.map(name => namesIn(join(root, name))));
  const count = stamps.flat().filter(stamp => parseStamp(stamp) !== undefined).length;
  if (count > 0) return { kind: 'trees', count };
  return { kind: names.some(name => name !== 'lost+found') ? 'files' : 'empty' };
}

async function knownSources(root: string): Promise<string[] | undefined> {
  try {
    const file: unknown = JSON.parse(await readFile(new Layout(root).storeFile, 'utf8'));
    const sources = typeof file === 'object' && file !== null && 'sources' in file ? file.sources : undefined;
    return Array.isArray(sources) ? sources.flatMap(nameOf) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || ['ENOENT', 'ENOTDIR'].includes(errno(error) ?? '')) return undefined;
    throw error;
  }
}

function nameOf(source: unknown): string[] {
  const name = typeof source === 'object' && source !== null && 'name' in source ? source.name : undefined;
  return typeof name === 'string' ? [name] : [];
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    // Folders of the system on a disk of its own cannot be read, and are none of ours.
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM'].includes(errno(error) ?? '')) return [];
    throw error;
  }
}
