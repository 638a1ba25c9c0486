// Packs the command line as it is published to npm.
/** @import { StdioOptions } from 'node:child_process' */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../processes.mjs';
import { stageCommandLine } from './stage.mjs';

/**
 * @param {string} folder where the archive goes
 * @param {StdioOptions} stdio
 * @returns its path, `phlb-<version>.tgz`
 */
export async function packCommandLine(folder, stdio = 'inherit') {
  mkdirSync(folder, { recursive: true });
  const scratch = mkdtempSync(join(tmpdir(), 'phlb-npm-'));
  try {
    const staged = join(scratch, 'package');
    stageCommandLine(staged);
    const packed = join(scratch, 'packed');
    mkdirSync(packed);
    const shell = process.platform === 'win32';
    const code = await run('npm', ['pack', '--pack-destination', packed], { cwd: staged, stdio, shell });
    if (code !== 0) throw new Error(`npm pack ended with exit code ${code}`);
    const [archive] = readdirSync(packed);
    if (archive === undefined) throw new Error('npm pack left no archive');
    cpSync(join(packed, archive), join(folder, archive));
    return join(folder, archive);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
