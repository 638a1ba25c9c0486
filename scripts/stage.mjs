// The extension as it is shipped: what an installed copy holds, no more.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { packedReadme } from './packed-readme.mjs';

const root = join(import.meta.dirname, '..');
const shipped = /^(dist|media|l10n|package\.nls.*\.json|README\.md|CHANGELOG\.md|LICENSE)$/;
const left = /^(screenshots|.*\.map|.*\.d\.ts)$/;

/** Copies the built extension into an empty folder. */
export function stageExtension(target) {
  if (!existsSync(join(root, 'dist', 'extension.js'))) throw new Error('dist/extension.js is missing: build first');
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  for (const name of readdirSync(root).filter(name => shipped.test(name))) {
    cpSync(join(root, name), join(target, name), { recursive: true, filter: source => !left.test(basename(source)) });
  }
  // vsce refuses a list of files beside its own: here the folder itself is the list.
  const manifest = readManifest();
  // With a public address vsce itself makes relative ones absolute.
  if (manifest.repository === undefined) {
    const { 'walkthrough.title': walkthrough } = JSON.parse(readFileSync(join(root, 'package.nls.json'), 'utf8'));
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    writeFileSync(join(target, 'README.md'), packedReadme(readme, walkthrough));
  }
  delete manifest.files;
  delete manifest.scripts;
  delete manifest.devDependencies;
  writeFileSync(join(target, 'package.json'), JSON.stringify(manifest, undefined, 2));
}

/** Puts the built extension into a server's folder of extensions, as if it had been installed there. */
export function installExtension(extensionsDir) {
  const { publisher, name, version } = readManifest();
  stageExtension(join(extensionsDir, `${publisher}.${name}-${version}`));
  // Without this list the server makes it from the folders that it finds.
  rmSync(join(extensionsDir, 'extensions.json'), { force: true });
}

function readManifest() {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
}
