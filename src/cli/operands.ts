import { isAbsolute } from 'node:path';
import type { Session } from './session.js';

/** A snapshot as the user named it; one named by its path on disk becomes absolute. */
export function snapshotOperand(text: string, session: Session): string {
  return isAbsolute(text) || /^\.\.?($|[\\/])/.test(text) ? session.absolute(text) : text;
}
