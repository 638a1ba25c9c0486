// What each family's last run has found, kept in bench/results/ so that the page can be written again without measuring.
/** @import { Result } from './types.js' */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';

const folder = join(import.meta.dirname, 'results');

/**
 * @param {string} id the family's
 * @param {Result} result
 */
export async function writeResult(id, result) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(fileOf(id), await format(JSON.stringify(result), { parser: 'json', printWidth: 120 }));
}

/**
 * @param {string} id the family's
 * @returns undefined if it was never measured
 */
export function readResult(id) {
  return existsSync(fileOf(id)) ? /** @type {Result} */ (JSON.parse(readFileSync(fileOf(id), 'utf8'))) : undefined;
}

/** @param {string} id */
function fileOf(id) {
  return join(folder, `${id}.json`);
}
