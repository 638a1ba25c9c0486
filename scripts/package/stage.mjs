// The extension as it is shipped: what an installed copy holds, no more.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readManifest } from '../manifest.mjs';
import { packedReadme } from './packed-readme.mjs';

const root = join(import.meta.dirname, '..', '..');
const shipped = /^(dist|media|l10n|package\.nls.*\.json|README\.md|CHANGELOG\.md|LICENSE)$/;
const left = /^(screenshots|.*\.map|.*\.d\.ts)$/;

/**
 * Copies the built extension into an empty folder.
 * @param {string} target
 */
export function stageExtension(target) {
  if (!existsSync(join(root, 'dist', 'extension.js'))) throw new Error('dist/extension.js is missing: build first');
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  for (const name of readdirSync(root).filter(name => shipped.test(name))) {
    cpSync(join(root, name), join(target, name), { recursive: true, filter: source => !left.test(basename(source)) });
  }
  const manifest = readManifest();
  // With a public address vsce itself makes relative ones absolute.
  if (manifest.repository === undefined) packReadme(target);
  delete manifest.scripts;
  delete manifest.devDependencies;
  writeFileSync(join(target, 'package.json'), JSON.stringify(manifest, undefined, 2));
}

/** What the command line needs of dist/, and the licences. */
const commandLine = [
  'cli.js',
  'engine.js',
  'mcp.js',
  'pool.js',
  'worker.js',
  'sql-wasm.wasm',
  'THIRD_PARTY_NOTICES.txt',
].map(name => `dist/${name}`);

/**
 * Copies the built command line into an empty folder, as the npm package that `npx phlb` runs.
 * @param {string} target
 */
export function stageCommandLine(target) {
  rmSync(target, { recursive: true, force: true });
  for (const name of [...commandLine, 'README.md', 'CHANGELOG.md', 'LICENSE']) {
    cpSync(join(root, name), join(target, name), { recursive: true });
  }
  packReadme(target);
  const { name, version, license, keywords, engines, bin, repository } = readManifest();
  const description = 'Backups as plain files: every snapshot a complete tree, made cheap by hardlinks.';
  const node = { node: engines.node };
  const manifest = { name, version, description, license, keywords, engines: node, bin, repository };
  writeFileSync(join(target, 'package.json'), JSON.stringify(manifest, undefined, 2));
}

/**
 * Puts the built extension into a server's folder of extensions, as if it had been installed there.
 * @param {string} extensionsDir
 */
export function installExtension(extensionsDir) {
  const { publisher, name, version } = readManifest();
  stageExtension(join(extensionsDir, `${publisher}.${name}-${version}`));
  // Without this list the server makes it from the folders that it finds.
  rmSync(join(extensionsDir, 'extensions.json'), { force: true });
}

/** @param {string} target */
function packReadme(target) {
  const titles = /** @type {Record<string, string>} */ (
    JSON.parse(readFileSync(join(root, 'package.nls.json'), 'utf8'))
  );
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  writeFileSync(join(target, 'README.md'), packedReadme(readme, titles['walkthrough.title'] ?? ''));
}
