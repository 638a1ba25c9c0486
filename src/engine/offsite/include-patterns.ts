/**
 * Files named to `restic restore --include-file`: a pattern a line (Go's `filepath.Match`), blanks at its ends cut off,
 * variables put in for `$NAME`. What cannot be written stands as `?`: a pattern may match more than its file, never less.
 */
import { nameToBuffer } from '../words/names.js';

/** Patterns are compared with every file of the folders that they lead into: so many at a time. */
const AT_A_TIME = 1000;

/** The texts of include files, for paths below the top of a copy. */
export function includeFiles(paths: readonly string[], platform = process.platform): Buffer[] {
  const sorted = paths.toSorted();
  const files: Buffer[] = [];
  for (let at = 0; at < sorted.length; at += AT_A_TIME) {
    const lines = sorted.slice(at, at + AT_A_TIME).map(path => nameToBuffer(`/${patternOf(path, platform)}\n`));
    files.push(Buffer.concat(lines));
  }
  return files;
}

function patternOf(path: string, platform: NodeJS.Platform): string {
  return path
    .replace(/[\\*?[\]]/g, char => (platform === 'win32' ? (char === '[' ? '[[]' : char) : `\\${char}`))
    .replaceAll('$', '$$$$')
    .replace(/[\p{Cc}\u0085\u2028\u2029]/gu, '?')
    .replace(/\s+$/u, blanks => '?'.repeat(blanks.length));
}
