// The licences of the packages whose code is bundled: esbuild's own account says which.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What a package has taken into its own files, with its code but without its licence: esbuild's account does not tell of it.
 * @type {Record<string, string[]>}
 */
const takenIn = { 'node_modules/@modelcontextprotocol/server': ['node_modules/content-type'] };
const licenceFile = /^(licen[cs]e|copying|notice)/i;

/**
 * @param {string[]} inputs paths of the files that went into the bundles, relative to the checkout
 * @returns one section a package, by name: name, version, and every licence file that it brings
 * @throws Error when a package brings none: its code may not be shipped so
 */
export function thirdPartyNotices(inputs) {
  const sections = packagesOf(inputs).map(folder => {
    const manifest = readFileSync(join(folder, 'package.json'), 'utf8');
    const { name, version, license } = /** @type {Record<string, string>} */ (JSON.parse(manifest));
    const texts = readdirSync(folder).filter(file => licenceFile.test(file));
    if (texts.length === 0) throw new Error(`${folder} has no licence file`);
    const rule = '='.repeat(80);
    const text = texts.map(file => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n');
    return `${rule}\n${name} ${version} (${license})\n${rule}\n\n${text}\n`;
  });
  return ['PHLB contains code of these packages, under these licences.\n', ...sections].join('\n');
}

/**
 * The package folders, a nested one as its own.
 * @param {string[]} inputs
 */
function packagesOf(inputs) {
  const folders = inputs.flatMap(path => /^(.*\bnode_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);
  return [...new Set(folders.flatMap(folder => [folder, ...(takenIn[folder] ?? [])]))].sort();
}
