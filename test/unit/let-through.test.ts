import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { LetThroughRequest } from '../../src/engine/let-through.js';
import { DEFAULT_RULES } from '../../src/engine/scan/rules.js';
import type { EngineClient } from '../../src/worker/client.js';
import { locationOf, startEngine } from '../support/engine.js';
import { Sandbox } from '../support/sandbox.js';

describe('Which of some paths a backup would store', () => {
  let box: Sandbox;
  let engine: EngineClient;
  let source: string;

  before(() => {
    box = new Sandbox();
    engine = startEngine();
    source = box.path('documents');
    box.write({
      'documents/a.txt': 'a',
      'documents/large.bin': 'x'.repeat(2000),
      'documents/.phlbignore': 'out/\n/b.txt\n',
      'documents/.gitignore': 'dist\n',
      'documents/b.txt': 'b',
      'documents/sub/b.txt': 'b',
      'documents/sub/.phlbignore': '!b.txt\n*.tmp\n',
      'documents/sub/c.tmp': 'c',
      'documents/sub/out/deep/d.txt': 'd',
      'documents/out/e.txt': 'e',
      'documents/dist/f.js': 'f',
      'documents/node_modules/g/index.js': 'g',
      'documents/cache/CACHEDIR.TAG': 'Signature: 8a477f597d28d172789f06886806bc55',
      'documents/cache/h': 'h',
      'documents/.git/HEAD': 'ref: refs/heads/main\n',
    });
    mkdirSync(join(source, 'empty'));
  });
  after(async () => {
    await engine.dispose();
    box.dispose();
  });

  const ask = async (paths: string[], more: Partial<LetThroughRequest> = {}): Promise<string[]> => {
    const rules = { ...DEFAULT_RULES, maxFileSize: 1000 };
    const request = { location: locationOf(box), source, rules, trusted: true, paths, limit: 1000, ...more };
    return (await engine.call('letThrough', request)).paths;
  };
  const all = (folder: string): string[] => readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();

  it('is what it stores, else changes are missed, or a run is started for nothing', async () => {
    const { path } = box.backup('documents', '--max-size', '1000');
    assert.deepEqual(await ask(all(source)), all(path));
    assert.deepEqual(await ask(['dist/f.js'], { rules: { ...DEFAULT_RULES, useGitignore: true } }), []);
    assert.deepEqual(await ask(['out/e.txt'], { trusted: false }), ['out/e.txt']);
  });

  it('is never a path of the backups themselves, else each run starts the next one', async () => {
    const location = { ...locationOf(box), root: join(source, 'backups') };
    box.backup('documents', '--root', location.root);
    assert.deepEqual(await ask(['backups', 'backups/.phlb/lock', 'backups/documents', 'a.txt'], { location }), [
      'a.txt',
    ]);
    rmSync(location.root, { recursive: true });
  });

  it('can be told of what is gone: by the rules that its folder still has', async () => {
    const gone = [
      'sub/gone.tmp',
      'sub/gone.txt',
      'gone/x',
      'sub/out',
      'node_modules/gone/x',
      'sub/out/gone',
      '../a.txt',
    ];
    assert.deepEqual(await ask(gone), ['sub/gone.txt', 'gone/x']);
    assert.deepEqual(await ask(gone, { limit: 1 }), ['sub/gone.txt']);
  });
});
