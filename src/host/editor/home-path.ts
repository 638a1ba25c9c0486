import { homedir } from 'node:os';
import { relativeInside } from '../../engine/words/names.js';
import { plainText } from './plain-text.js';

/** A path as people write it, `~/documents`, where the system has that habit. For display only, and plain. */
export function homePath(path: string): string {
  const inside = process.platform === 'win32' ? undefined : relativeInside(homedir(), path);
  return plainText(inside === undefined ? path : inside === '' ? '~' : `~/${inside}`);
}
