import { isAbsolute, sep } from 'node:path';
import { absolute } from './exact.js';

/** A snapshot as the user named it; one named by its path on disk becomes absolute. */
export function snapshotOperand(text: string): string {
  return isAbsolute(text) || /^\.\.?($|[\\/])/.test(text) ? absolute(text) : text;
}

/** A path inside a snapshot: `/` between components, without `./` before and `/` behind. */
export function pathOperand(text: string): string {
  const slashes = sep === '\\' ? text.replaceAll('\\', '/') : text;
  return slashes.replace(/^(\.\/+)+/, '').replace(/(.)\/+$/, '$1');
}
