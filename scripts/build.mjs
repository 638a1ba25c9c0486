// Builds with esbuild in a process of its own: esbuild may not be installed when a script starts.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './processes.mjs';

const root = join(import.meta.dirname, '..');

/**
 * Its output goes to stderr, so that a command run afterwards owns stdout.
 * @param {string[]} args
 */
export async function build(...args) {
  const code = await run(process.execPath, ['esbuild.mjs', ...args], { cwd: root, stdio: ['ignore', 2, 2] });
  if (code !== 0) throw new Error(`The build failed with exit code ${code}`);
}

/** Builds if a file below src/ is younger than what dist/ holds of it. */
export async function buildIfStale() {
  const built = join(root, 'dist', 'cli.js');
  if (!existsSync(built) || newestBelow(join(root, 'src')) > statSync(built).mtimeMs) await build();
}

/** @param {string} folder */
function newestBelow(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Math.max(...entries.map(entry => statSync(join(entry.parentPath, entry.name)).mtimeMs));
}
