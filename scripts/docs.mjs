// `npm run docs`: writes docs/cli.md. Every transcript in it is what the commands printed, run one after another.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildIfStale } from './build.mjs';
import { ensureInstalled } from './install.mjs';

const root = join(import.meta.dirname, '..');

await ensureInstalled();
await buildIfStale();
const scratch = mkdtempSync(join(tmpdir(), 'phlb-docs-'));
const home = join(scratch, 'home', 'you');
const bin = join(scratch, 'bin');
try {
  prepare();
  const text = readFileSync(join(root, 'scripts', 'cli.template.md'), 'utf8');
  writeFileSync(
    join(root, 'docs', 'cli.md'),
    text.replace(/```run\n([\s\S]*?)```\n/g, (_, /** @type {string} */ script) => transcript(script)),
  );
} finally {
  spawnSync('chmod', ['-R', 'u+w', scratch]);
  rmSync(scratch, { recursive: true, force: true });
}

function prepare() {
  mkdirSync(home, { recursive: true });
  mkdirSync(bin);
  const cli = join(root, 'dist', 'cli.js');
  writeFileSync(join(bin, 'phlb'), `#!/bin/sh\nexec '${process.execPath}' '${cli}' "$@"\n`);
  chmodSync(join(bin, 'phlb'), 0o755);
}

/**
 * Lines that begin with `$ ` are run and shown, with what they print; others are run only.
 * @param {string} script
 */
function transcript(script) {
  let shown = '';
  for (const line of script.trimEnd().split('\n')) {
    const visible = line.startsWith('$ ');
    const printed = shell(visible ? line.slice(2) : line, visible);
    if (visible) shown += `${line}\n${printed}`;
  }
  return '```console\n' + shown.replaceAll(scratch, '') + '```\n';
}

/**
 * @param {string} command
 * @param {boolean} mayFail
 */
function shell(command, mayFail) {
  const env = { PATH: `${bin}:${process.env.PATH}`, HOME: home, LANG: 'C.UTF-8' };
  const { status, stdout } = spawnSync('bash', ['-c', `exec 2>&1; ${command}`], { cwd: home, env, encoding: 'utf8' });
  if (status !== 0 && !mayFail) throw new Error(`${command}\n${stdout}`);
  // What goes to stderr beside a terminal is progress; the reader wants results and errors.
  const lines = stdout
    .split('\n')
    .filter(line => !/^phlb: (Backing up|Flushing|Indexing|Verifying|Restoring)/.test(line));
  return lines.join('\n') + (status === 0 ? '' : `[exit status ${status}]\n`);
}
