import { isAbsolute } from 'node:path';
import { absolute } from './exact.js';

/** A snapshot as the user named it; one named by its path on disk becomes absolute. */
export function snapshotOperand(text: string): string {
  return isAbsolute(text) || /^\.\.?($|[\\/])/.test(text) ? absolute(text) : text;
}
