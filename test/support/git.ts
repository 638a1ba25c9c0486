import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import type { Sandbox } from './sandbox.js';

const AUTHOR = {
  GIT_AUTHOR_NAME: 'A',
  GIT_AUTHOR_EMAIL: 'a@example.org',
  GIT_COMMITTER_NAME: 'A',
  GIT_COMMITTER_EMAIL: 'a@example.org',
  GIT_CONFIG_NOSYSTEM: '1',
};

/** git itself in one folder, without this machine's configuration. What it prints. */
export function gitIn(box: Sandbox, folder: string): (...args: string[]) => string {
  const config = ['-c', 'init.defaultBranch=main', '-c', 'protocol.file.allow=always', '-c', 'gc.auto=0'];
  return (...args) => {
    const { status, stdout, stderr } = spawnSync('git', [...config, ...args], {
      cwd: folder,
      env: { ...box.env, ...AUTHOR },
      encoding: 'utf8',
    });
    assert.equal(status, 0, `git ${args.join(' ')}: ${stderr}${stdout}`);
    return stdout.trimEnd();
  };
}
