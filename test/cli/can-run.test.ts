import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { resolve } from 'node:path';
import { whenItRuns } from '../../src/engine/words/can-run.js';
import { EngineClient } from '../../src/worker/client.js';
import { Sandbox } from '../support/sandbox.js';

describe('What can run', () => {
  it('by itself is known by its path, else a hook hides among a hundred texts', () => {
    for (const path of [
      ...[
        '.git/hooks/post-checkout',
        'sub/.git/hooks/pre-commit',
        '.git/modules/x/hooks/update',
        '.git/config',
        'sub/.git',
      ],
      ...['.husky/pre-push', '.github/workflows/ci.yml', '.gitlab-ci.yml', 'Jenkinsfile', '.circleci/config.yml'],
      ...['.bashrc', '.profile', '.zshrc', '.envrc', 'home/.config/fish/config.fish', '.config/autostart/x.desktop'],
      ...[
        '.ssh/authorized_keys',
        '.vscode/tasks.json',
        '.vscode/launch.json',
        '.vscode/settings.json',
        'x.code-workspace',
      ],
      ...[
        '.devcontainer/devcontainer.json',
        '.claude/settings.json',
        '.mcp.json',
        '.GIT/Hooks/post-commit',
        '.git\\hooks\\x',
      ],
    ]) {
      assert.equal(whenItRuns(path, false), 'unasked', path);
    }
  });

  it('when it is started, likewise, or by its mode', () => {
    for (const path of [
      'package.json',
      'sub/Makefile',
      'setup.py',
      'build.gradle.kts',
      'Dockerfile',
      'run.sh',
      'a.EXE',
    ]) {
      assert.equal(whenItRuns(path, false), 'started', path);
    }
    assert.equal(whenItRuns('report.md', true), 'started');
    for (const path of [
      'report.md',
      'notes/package.json.txt',
      '.gitignore',
      'git/hooks/x',
      'bashrc',
      'src/hooks/use.ts',
    ]) {
      assert.equal(whenItRuns(path, false), undefined, path);
    }
  });
});

describe('A restore that is only looked at', () => {
  let box: Sandbox;
  const engine = new EngineClient(resolve('dist/worker.js'));

  beforeEach(() => (box = new Sandbox()));
  afterEach(() => box.dispose());
  after(() => engine.dispose());

  it('names what can run apart, what does so unasked first', async () => {
    box.write({
      'work/.github/workflows/ci.yml': 'on: push',
      'work/a.txt': 'a',
      'work/b.txt': 'b',
      'work/tool': '#!/bin/sh\n',
      'work/z/.git/hooks/post-merge': '#!/bin/sh\n',
    });
    chmodSync(box.path('work/tool'), 0o755);
    const { id } = box.backup('work');
    const location = { root: box.root, index: box.path('index'), state: box.state };
    const plan = async (to: string): Promise<string[] | undefined> => {
      const request = { location, snapshot: id, paths: [], to: box.path(to), dryRun: true };
      return (await engine.call('restore', request)).runnable;
    };
    assert.deepEqual(await plan('fresh'), ['.github/workflows/ci.yml', 'z/.git/hooks/post-merge', 'tool']);
    // Here it is the folder that makes them run.
    assert.equal((await plan('x/.git/hooks'))?.length, 5);
  });
});
