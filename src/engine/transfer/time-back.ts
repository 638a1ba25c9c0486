import { closeSync, fstatSync } from 'node:fs';
import { passAllButRefusals } from '../words/errors.js';
import { setTime, setTimeOfOpen } from '../files/file-times.js';
import { fsPath } from '../words/names.js';
import { nsToMicros } from '../words/times.js';
import { hashFrom, openToRead } from './read-file.js';

/**
 * Gives a stored file that has another time than was recorded of it (its backup location was carried elsewhere) the recorded
 * one (microseconds), if it still has the recorded content.
 * @returns the time that it has then: another one where it cannot be set; `undefined`: its content is another
 * @throws what reading throws; PhlbError `cancelled`
 */
export function putTimeBack(
  path: string,
  sha256: string,
  micros: number,
  cancelled: () => boolean,
): number | undefined {
  const fd = openToRead(path);
  try {
    const stat = fstatSync(fd, { bigint: true });
    if (!stat.isFile() || hashFrom(fd, Number(stat.size), cancelled).sha256 !== sha256) return undefined;
    try {
      // There a file that was opened for reading takes no times.
      if (process.platform === 'win32') setTime(fsPath(path), micros);
      else setTimeOfOpen(fd, micros);
    } catch (error) {
      passAllButRefusals(error);
    }
    return nsToMicros(fstatSync(fd, { bigint: true }).mtimeNs);
  } finally {
    closeSync(fd);
  }
}
