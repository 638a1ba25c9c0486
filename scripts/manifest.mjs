// The checkout's package.json: the extension's manifest.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What the scripts use of it.
 * @typedef {object} Manifest
 * @property {string} publisher
 * @property {string} name
 * @property {string} version
 * @property {string} license
 * @property {string[]} keywords
 * @property {{ node: string, vscode: string }} engines
 * @property {Record<string, string>} bin
 * @property {unknown} [repository]
 * @property {Record<string, string>} [scripts]
 * @property {Record<string, string>} [devDependencies]
 */

export function readManifest() {
  const text = readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8');
  return /** @type {Manifest} */ (JSON.parse(text));
}
