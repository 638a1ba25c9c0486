import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;

/**
 * The text (UTF-8) of a small file in a backup location, which somebody else may have prepared: never through a symlink,
 * never waiting for a FIFO's writer, never more than `maxBytes`.
 * @throws the system's error; SyntaxError for what is no such file
 */
export function readSmallFile(file: string | Buffer, maxBytes: number): string {
  const fd = openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw new SyntaxError('it is no regular file');
    if (stat.size > maxBytes) throw new SyntaxError('it is too large');
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}
