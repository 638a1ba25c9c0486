import * as assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_EXCLUDES } from '../../src/engine/scan/rules.js';
import { Burst } from '../../src/host/auto-backup/burst.js';
import { EditorChanges } from '../../src/host/auto-backup/editor-changes.js';
import { GitHeads } from '../../src/host/auto-backup/git-heads.js';
import { passedOver } from '../../src/host/auto-backup/passed-over.js';
import { gitIn } from '../support/git.js';
import { Sandbox } from '../support/sandbox.js';

const now = 1_000_000;

describe('A change that is told by the watcher', () => {
  it('is nobody’s business where its name is left out, else an installation starts a run and is warned of', () => {
    const isOver = passedOver([...DEFAULT_EXCLUDES, '**/tmp/', '**/*.log', 'a.b'], ['backups', 'deep/state (1)']);
    for (const path of [
      ...['node_modules', 'web/node_modules/x/index.js', 'tmp/a', 'backups', 'backups/documents/1/a.txt'],
      ...['deep/state (1)/hosts.json', '.git/index.lock', 'web/.git/refs/heads/main.lock'],
    ])
      assert.equal(isOver(path), true, path);
    for (const path of [
      ...['src/main.ts', 'my_node_modules/a', 'node_modules.txt', 'tmp', 'x/backups/a', 'backups2', 'yarn.lock'],
      // The engine knows of these.
      ...['debug.log', 'a.b', '.git/HEAD'],
    ])
      assert.equal(isOver(path), false, path);
  });

  it('is the editor’s own right after a save, and below a folder that it has renamed', () => {
    const changes = new EditorChanges();
    changes.note('/w/a.txt', now);
    changes.note('/w/sub', now);
    assert.equal(changes.has('/w/a.txt', now + 2000), true);
    assert.equal(changes.has('/w/sub/deep/b.txt', now + 2000), true);
    assert.equal(changes.has('/w/suburb', now + 2000), false);
    assert.equal(changes.has('/w/a.txt', now + 10_000), false, 'what comes later is another program’s');
  });
});

describe('A burst of changes', () => {
  const paths = (...names: string[]): Map<string, boolean> => new Map(names.map(name => [name, false]));

  it('is looked at once it is quiet, and now and then when it does not end', () => {
    const burst = new Burst();
    assert.equal(burst.ripeAt, undefined);
    burst.add(paths('a'), false, now, now + 100);
    burst.add(paths('b'), false, now + 1000, now + 1500);
    assert.equal(burst.ripeAt, now + 3500);
    burst.add(paths('a'), false, now + 3000, now + 3000);
    assert.equal(burst.ripeAt, now + 3500, 'a log that is written all the time');
    for (let at = now; at < now + 30_000; at += 1000) burst.add(paths(String(at)), false, at, at);
    assert.equal(burst.ripeAt, now + 20_000);
    const { paths: all, began, ended } = burst.take();
    assert.deepEqual([all.size, began, ended], [32, now, now + 29_000]);
    assert.equal(burst.ripeAt, undefined);
  });

  it('is told of once: what goes on belongs to it until it was quiet', () => {
    const burst = new Burst();
    burst.add(paths('a'), false, now, now);
    burst.mute();
    burst.add(paths('b'), false, now + 1500, now + 1500);
    assert.equal(burst.ripeAt, undefined);
    burst.add(paths('c'), false, now + 4000, now + 4000);
    burst.mute(60_000);
    for (let at = now + 5000; at < now + 70_000; at += 1000) burst.add(paths(String(at)), false, at, at);
    assert.equal(burst.take().paths.size, 6, 'nor is it silenced for ever');
  });

  it('remembers so much and no more, else a million files fill the memory', () => {
    const burst = new Burst();
    for (let n = 0; n < 25; n++) {
      burst.add(new Map(Array.from({ length: 1000 }, (_, at) => [`${n}/${at}`, false])), false, now, now);
    }
    const { paths: remembered, more } = burst.take();
    assert.equal(remembered.size, 20_000);
    assert.equal(more, true);
  });
});

describe('What git itself changes', () => {
  let box: Sandbox;
  let work: string;
  let git: (...args: string[]) => string;
  /** Makes all that git has done something of long ago. */
  const age = (): void => {
    const folder = join(work, '.git');
    const log = /^logs.HEAD$|.logs.HEAD$/;
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      const file = join(folder, name);
      if (log.test(name)) writeFileSync(file, readFileSync(file, 'utf8').replace(/> \d+ /g, '> 1000000000 '));
      utimesSync(file, 1e9, 1e9);
    }
  };
  /** The times of files are those of a clock that is slower by some milliseconds. */
  const since = (): number => Date.now() - 1000;
  const wasGit = async (act: () => void, folder = work): Promise<boolean> => {
    age();
    act();
    return new GitHeads(since()).moved(folder);
  };

  before(() => {
    box = new Sandbox();
    work = box.path('work');
    mkdirSync(join(work, 'src', 'deep'), { recursive: true });
    git = gitIn(box, work);
    git('init', '-q');
    writeFileSync(join(work, 'src', 'a.txt'), 'one\n');
    git('add', '-A');
    git('commit', '-q', '-m', 'one');
    writeFileSync(join(work, 'src', 'a.txt'), 'two\n');
    git('commit', '-q', '-a', '-m', 'two');
    git('branch', 'old', 'HEAD~1');
    git('tag', 'two');
  });
  after(() => box.dispose());

  it('is told by HEAD, in any folder of the repository, be it gone: a checkout is no accident', async () => {
    assert.equal(await wasGit(() => git('checkout', '-q', 'old')), true);
    assert.equal(await wasGit(() => git('checkout', '-q', 'main'), join(work, 'src', 'deep')), true);
    const gone = join(work, 'gone');
    assert.equal(await wasGit(() => git('reset', '-q', '--hard', 'HEAD~1'), join(gone, 'deeper')), true);
    assert.equal(await wasGit(() => git('merge', '-q', 'old')), false, 'nothing came');
    assert.equal(await wasGit(() => git('reset', '-q', '--hard', 'two')), true);
  });

  it('is told without a log of HEAD as well', async () => {
    rmSync(join(work, '.git', 'logs'), { recursive: true });
    git('config', 'core.logAllRefUpdates', 'false');
    assert.equal(await wasGit(() => git('checkout', '-q', 'old')), true);
    assert.equal(await wasGit(() => git('checkout', '-q', 'main')), true);
    assert.equal(await wasGit(() => writeFileSync(join(work, 'src', 'a.txt'), 'wrecked\n')), false);
    git('config', 'core.logAllRefUpdates', 'true');
    git('checkout', '-q', '-f', 'old');
    git('checkout', '-q', 'main');
  });

  it('is not what throws work away where HEAD is, which is an accident like any other', async () => {
    const wreck = (): void => writeFileSync(join(work, 'src', 'a.txt'), 'wrecked\n');
    assert.equal(await wasGit(wreck), false);
    assert.equal(await wasGit(() => git('checkout', '-q', '--', '.')), false);
    wreck();
    assert.equal(await wasGit(() => git('reset', '-q', '--hard')), false);
    assert.equal(await wasGit(() => git('status')), false);
  });

  it('is a stash, which keeps what it takes, and a merge that has not ended', async () => {
    writeFileSync(join(work, 'src', 'a.txt'), 'stashed\n');
    assert.equal(await wasGit(() => git('stash', '-q')), true);
    assert.equal(await wasGit(() => git('stash', 'pop', '-q')), true);
    git('checkout', '-q', '--', '.');
    git('checkout', '-q', '-b', 'other', 'old');
    writeFileSync(join(work, 'src', 'a.txt'), 'three\n');
    git('commit', '-q', '-a', '-m', 'three');
    assert.equal(await wasGit(() => assert.throws(() => git('merge', '-q', 'main'))), true);
    git('merge', '--abort');
    git('checkout', '-q', 'main');
  });

  it('is told in a work tree and a submodule, whose own folder is elsewhere, and in none of the others', async () => {
    const tree = box.path('tree');
    git('worktree', 'add', '-q', tree, 'old');
    assert.equal(await wasGit(() => gitIn(box, tree)('checkout', '-q', '--detach', 'main'), join(tree, 'src')), true);
    assert.equal(await new GitHeads(since()).moved(work), false);
    git('submodule', '--quiet', 'add', tree, 'sub');
    git('commit', '-q', '-m', 'sub');
    const sub = join(work, 'sub');
    const inSub = gitIn(box, sub);
    assert.equal(await wasGit(() => inSub('checkout', '-q', '--detach', 'HEAD~1'), join(sub, 'src')), true);
    assert.equal(
      await wasGit(() => inSub('checkout', '-q', '-'), join(work, 'src')),
      false,
      'the outer one has not moved',
    );
    assert.equal(await new GitHeads(since()).moved(join(sub, 'src')), true);
  });

  it('is waited for while git holds the index, but not where a crash has left its lock', async () => {
    const lock = join(work, '.git', 'index.lock');
    writeFileSync(lock, '');
    assert.equal(await new GitHeads(since()).isBusy([join(work, 'src'), '/']), true);
    assert.equal(await new GitHeads(Date.now() + 600_000).isBusy([work]), false);
    rmSync(lock);
    assert.equal(await new GitHeads(since()).isBusy([work]), false);
  });
});
