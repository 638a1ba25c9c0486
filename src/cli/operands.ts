import { isAbsolute } from 'node:path';
import { portable } from '../engine/names.js';
import { absolute } from './exact.js';

/** A snapshot as the user named it; one named by its path on disk becomes absolute. */
export function snapshotOperand(text: string): string {
  return isAbsolute(text) || /^\.\.?($|[\\/])/.test(text) ? absolute(text) : text;
}

/** A path inside a snapshot: `/` between components, without `./` before and `/` behind. */
export function pathOperand(text: string): string {
  return portable(text)
    .replace(/^(\.\/+)+/, '')
    .replace(/(.)\/+$/, '$1');
}
