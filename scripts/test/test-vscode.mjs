// Runs out/test/vscode in real windows: `node scripts/test/test-vscode.mjs current|oldest [window…] [--grep X]`.
// Each window runs the tests of the folder of its name in test/vscode.
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { format, parseArgs } from 'node:util';
import { runInExtensionHost } from './extension-host.mjs';
import { testWindows } from './test-windows.mjs';
import { versions } from '../vscode-server.mjs';

const root = join(import.meta.dirname, '..', '..');
/** starts each line of the tests' own output */
const mark = 'phlb-test:';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { grep: { type: 'string' } } });
const [versionName = 'current', ...names] = positionals;
if (versionName !== 'current' && versionName !== 'oldest') throw new Error(`No version ${versionName} of VS Code`);
const version = versions[versionName];
const chosen = names.length > 0 ? names : Object.keys(testWindows);
const logFile = join(root, 'out', `vscode-${versionName}.log`);
const log = createWriteStream(logFile);
let failed = false;
// Two at a time, beside two of the other version: the longest ones begin.
const waiting = [...chosen];
await Promise.all(Array.from({ length: 2 }, runWaiting));
if (failed) console.error(`What else the workbench said is in ${logFile}`);
process.exit(failed ? 1 : 0);

async function runWaiting() {
  for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) await runIn(name);
}

/**
 * What its tests say comes as a whole, at the end.
 * @param {string} name
 */
async function runIn(name) {
  const makeWindow = testWindows[name];
  if (!makeWindow) throw new Error(`No window ${name}: there are ${Object.keys(testWindows).join(', ')}`);
  const lines = [`\n=== window ${name}`];
  try {
    const code = await runInExtensionHost({
      version,
      script: join(root, 'out', 'test', 'vscode', 'index.js'),
      makeWindow,
      env: { PHLB_TEST_WINDOW: name, PHLB_TEST_GREP: values.grep ?? '', PHLB_TEST_MARK: mark },
      print: text => {
        if (text.startsWith(mark)) lines.push(text.slice(mark.length));
        else log.write(`${text}\n`);
      },
    });
    failed ||= code !== 0;
  } catch (error) {
    lines.push(format(error));
    failed = true;
  }
  console.log(lines.join('\n'));
}
