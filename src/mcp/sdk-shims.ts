/**
 * In the place of the protocol's own `_shims` (esbuild.mjs): that would bring a compiler of JSON schemas along, a third of the
 * script, for what clients are asked in forms. No client is asked anything here but its roots.
 */
import process from 'node:process';

export { process };

/** What the server makes one of, and never uses. */
export class DefaultJsonSchemaValidator {
  getValidator(): never {
    throw new Error('No form is sent, so none comes back');
  }
}
