// `npm run test:electron`: the same tests in a desktop VS Code, for machines that can download one.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { ensureInstalled } from './install.mjs';

const root = join(import.meta.dirname, '..');

ensureInstalled();
await build();
await build('--tests');
const { runTests } = await import('@vscode/test-electron');

const scratch = mkdtempSync(join(tmpdir(), 'phlb-electron-'));
try {
  writeFileSync(join(scratch, 'report.md'), '# Report\n\nFirst version.\n');
  await runTests({
    extensionDevelopmentPath: root,
    extensionTestsPath: join(root, 'out', 'test', 'vscode', 'index.js'),
    extensionTestsEnv: { HOME: scratch, XDG_STATE_HOME: join(scratch, '.state') },
    launchArgs: [scratch, '--disable-extensions', '--disable-workspace-trust', '--no-sandbox'],
  });
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
