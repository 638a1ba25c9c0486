// Packs what is shipped into a vsix, and installs one as a user's editor does.
/** @import { StdioOptions } from 'node:child_process' */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readManifest } from '../manifest.mjs';
import { run } from '../processes.mjs';
import { stageExtension } from './stage.mjs';
import { fetchServer } from '../vscode-server.mjs';

/** The largest package that is let through, bytes. */
export const vsixLimitBytes = 2 * 1024 * 1024;

/** `phlb-<version>.vsix` */
export function vsixName() {
  const { name, version } = readManifest();
  return `${name}-${version}.vsix`;
}

/**
 * Packs the built extension.
 * @param {string} vsix the file to write
 * @param {StdioOptions} stdio
 * @returns its size in bytes
 * @throws Error when it is larger than `vsixLimitBytes`
 */
export async function packVsix(vsix, stdio = 'inherit') {
  const scratch = mkdtempSync(join(tmpdir(), 'phlb-vsix-'));
  try {
    const staged = join(scratch, 'package');
    stageExtension(staged);
    // The folder holds what is shipped and nothing else; vsce wants to be told so.
    writeFileSync(join(staged, '.vscodeignore'), '');
    const vsce = fileURLToPath(import.meta.resolve('@vscode/vsce/vsce'));
    const alone = ['--allow-missing-repository', '--no-rewrite-relative-links'];
    const options = ['--no-dependencies', ...(readManifest().repository === undefined ? alone : [])];
    const code = await run(process.execPath, [vsce, 'package', ...options, '--out', vsix], { cwd: staged, stdio });
    if (code !== 0) throw new Error(`vsce package ended with exit code ${code}`);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  const { size } = statSync(vsix);
  if (size > vsixLimitBytes) throw new Error(`${vsix}: ${size} bytes are more than ${vsixLimitBytes}`);
  return size;
}

/**
 * Installs a vsix through the server's own command line.
 * @param {string} vsix
 * @param {{ dataDir: string, extensionsDir: string }} folders
 */
export async function installVsix(vsix, { dataDir, extensionsDir }) {
  const { node, serverMain } = await fetchServer();
  const folders = ['--server-data-dir', dataDir, '--extensions-dir', extensionsDir];
  const args = [serverMain, '--install-extension', vsix, '--accept-server-license-terms', ...folders];
  // A server without its native logging module says so at length, and works.
  const code = await run(node, args, { stdio: 'ignore', timeoutMs: 120_000 });
  if (code !== 0) throw new Error(`The server's --install-extension ended with exit code ${code}`);
}
