/** Paths as users name what a snapshot holds: below the source, in any spelling. */
import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join as joinAbsolute, posix } from 'node:path';
import { PhlbError } from '../words/errors.js';
import { fsPath, nameOfPath, pathKey, portable, relativeInside } from '../words/names.js';
import { phrase } from '../words/phrase.js';
import { realPath } from './source-folder.js';

/**
 * What a path names in a snapshot, with `/` between its components; `''`: all of it.
 * @param text relative to the source (`.`, `./d//a`, `d/`), or absolute and below it
 * @param source absolute path of the source folder; `''`: not known
 * @throws PhlbError `usage` for a path that leads out of the source
 */
export function pathInSnapshot(text: string, source: string): string {
  const path = isAbsolute(text) ? pathBelow(source, text) : relativePath(text);
  if (path !== undefined) return path;
  throw new PhlbError('usage', phrase`Not a path below the source`, {
    path: text,
    hint: source === '' ? phrase`use the name that it has in the snapshot` : phrase`the source is ${source}`,
  });
}

/**
 * An absolute path relative to a source, also where one of the two is spelled through symlinks. It need not be there any
 * more. A symlink that it names itself is not followed. `undefined`: it lies elsewhere.
 */
export function pathBelow(source: string, path: string): string | undefined {
  if (source === '') return undefined;
  const asTyped = relativeInside(pathKey(source), pathKey(path));
  if (asTyped !== undefined) return relativeInside(source, path) ?? asTyped;
  const real = realSpelling(source);
  const itself = joinAbsolute(realSpelling(dirname(path)), nameOfPath(path));
  return relativeInside(real, itself) ?? relativeInside(real, realSpelling(path));
}

function relativePath(text: string): string | undefined {
  const path = posix.normalize(portable(text)).replace(/\/+$/, '');
  if (path === '..' || path.startsWith('../')) return undefined;
  return path === '.' ? '' : path;
}

// Of the part of it that is there; the rest has no symlinks.
function realSpelling(path: string): string {
  const up = dirname(path);
  if (existsSync(fsPath(path)) || up === path) return realPath(path);
  return joinAbsolute(realSpelling(up), nameOfPath(path));
}
