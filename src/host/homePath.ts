import { homedir } from 'node:os';
import { relativeInside } from '../engine/names.js';

/** A path as people write it, `~/documents`, where the system has that habit. For display only. */
export function homePath(path: string): string {
  if (process.platform === 'win32') return path;
  const inside = relativeInside(homedir(), path);
  if (inside === undefined) return path;
  return inside === '' ? '~' : `~/${inside}`;
}
