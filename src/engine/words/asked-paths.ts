/** Which paths of a snapshot an agent asks for. */
import { PhlbError } from './errors.js';
import { isSafeRelative } from './names.js';
import { phrase } from './phrase.js';

/** So many at once: what is more is a folder, or all of it. */
export const MOST_PATHS = 100;

/** Paths relative to the source, each once; none: all of it, which `.` asks for. @throws PhlbError `usage` */
export function askedPaths(value: unknown): string[] {
  const texts = Array.isArray(value) ? value.filter(item => typeof item === 'string') : [];
  if (texts.length === 0 || texts.length > MOST_PATHS || texts.length !== (value as unknown[]).length) {
    throw new PhlbError('usage', phrase`Give 1 to ${MOST_PATHS} paths.`);
  }
  const paths = texts.map(text => text.replace(/^(\.\/+)+/, '').replace(/\/+$/, ''));
  if (paths.length === 1 && paths[0] === '.') return [];
  const unsafe = paths.findIndex(path => !isSafeRelative(path));
  if (unsafe < 0) return [...new Set(paths)];
  throw new PhlbError('usage', phrase`Not a path relative to the folder of the snapshot: ${texts[unsafe] ?? ''}`);
}
