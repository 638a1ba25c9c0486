import * as assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { backUp } from './workspace.js';

// The first file of its window, so that nothing has been backed up before.
describe('The extension host', () => {
  before(function () {
    if (process.platform !== 'linux') this.skip();
  });

  it('has no thread of the engine before there is work, and then ones that give way, else the editor is slow', async () => {
    assert.deepEqual(niceThreads(), []);
    await backUp();
    assert.ok(niceThreads().length > 0);
    assert.equal(niceness(String(process.pid)), 0);
  });

  it('loads no WebAssembly: the index is the business of another thread', () => {
    const bundle = readFileSync(join(__dirname, '..', '..', '..', 'dist', 'extension.js'), 'utf8');
    assert.doesNotMatch(bundle, /sql-wasm|WebAssembly/);
  });
});

function niceThreads(): string[] {
  return readdirSync('/proc/self/task').filter(thread => niceness(thread) === 10);
}

/** The 19th field of `/proc/PID/stat`, proc_pid_stat(5); the second one may hold spaces. */
function niceness(thread: string): number {
  const text = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8');
  return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[16]);
}
