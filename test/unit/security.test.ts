import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { installed } from '../support/judges.js';
import { CLI, Sandbox } from '../support/sandbox.js';

describe('PHLB sends nothing', () => {
  it('has no code that could, else a backup tool could leak what it reads', () => {
    const network =
      /['"](node:)?(http|https|http2|net|tls|dgram|dns)(\/promises)?['"]|\bfetch\(|WebSocket|XMLHttpRequest|sendBeacon/;
    const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts'));
    // A named pipe of Windows, which no other computer reaches (`node:net` serves those too).
    const local = [join('engine', 'store', 'beacon.ts')];
    assert.deepEqual(
      files.filter(name => network.test(readFileSync(join('src', name), 'utf8'))),
      local,
    );
    for (const name of local)
      assert.doesNotMatch(readFileSync(join('src', name), 'utf8'), /connect\(|listen\((?!pipe\()/);
  });

  it('starts programs in few places, of which one sends: restic, for copies that somebody has set up', () => {
    const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts'));
    assert.deepEqual(
      files.filter(name => readFileSync(join('src', name), 'utf8').includes('child_process')).sort(),
      [
        ['files', 'sync-file-system.ts'],
        ['offsite', 'restic.ts'],
        ['store', 'beacon.ts'],
      ].map(path => join('engine', ...path)),
    );
  });

  it('opens no connection in a backup and a restore, as the kernel sees it', function () {
    if (!installed('strace')) return this.skip();
    const box = new Sandbox();
    try {
      box.write({ 'documents/a.txt': 'content', 'documents/sub/b.txt': 'more' });
      const trace = box.path('trace');
      for (const command of [
        ['backup', 'documents'],
        ['restore', 'documents/latest', '--to', 'back'],
      ]) {
        const strace = [
          'strace',
          '-f',
          '-e',
          'trace=socket,connect,sendto',
          '-o',
          trace,
          process.execPath,
          CLI,
          ...command,
        ];
        const { status, stderr } = box.run(strace);
        assert.equal(status, 0, stderr);
        const calls = readFileSync(trace, 'utf8');
        assert.match(calls, /exited with 0/, 'it was traced');
        assert.doesNotMatch(calls, /AF_INET|connect\(/);
      }
    } finally {
      box.dispose();
    }
  });
});

describe('docs/dependencies.md', () => {
  it('gives a reason for each dependency and for none that is not there, else the list only grows', () => {
    const { devDependencies, dependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      devDependencies: Record<string, string>;
      dependencies?: object;
    };
    assert.equal(dependencies, undefined, 'what is shipped is bundled');
    const rows = readFileSync('docs/dependencies.md', 'utf8').match(/^\| `.*?\|/gm) ?? [];
    const named = rows.flatMap(row => [...row.matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? ''));
    assert.deepEqual(named.sort(), Object.keys(devDependencies).sort());
  });
});
