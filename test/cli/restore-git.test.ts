import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gitIn } from '../support/git.js';
import { assertSameTrees } from '../support/judges.js';
import { Sandbox, type Restored } from '../support/sandbox.js';

type Git = (...args: string[]) => string;

describe('a restore and a git repository', () => {
  let box: Sandbox;
  let source: string;
  let git: Git;

  beforeEach(() => {
    box = new Sandbox();
    source = box.path('project');
    box.write({ 'project/a.txt': 'one', 'project/sub/b.txt': 'b' });
    git = gitIn(box, source);
    git('init', '-q');
    commit(git, 'first');
  });
  afterEach(() => box.dispose());

  const restore = (status: number, ...args: string[]): Restored =>
    box.json<Restored>(status, 'restore', 'project/latest', ...args);
  const undo = (...args: string[]): Restored => box.json<Restored>(0, 'undo', ...args);
  const write = (path: string, text: string): void => writeFileSync(join(source, path), text);
  const read = (path: string): string => readFileSync(join(source, path), 'utf8');
  const log = (): string => git('log', '--format=%s');
  const repository = (...paths: string[]): Restored['left'] => paths.map(path => ({ path, reason: 'repository' }));
  const touched = ({ created, overwritten, deleted }: Restored): string[] =>
    [...created, ...overwritten, ...deleted].map(({ path }) => path);
  /** A copy of a part of the source, for `diff`. */
  const copyOf = (path: string): string => {
    const copy = box.path(`copy-${path.replaceAll('/', '-')}`);
    execFileSync('cp', ['-a', join(source, path), copy]);
    return copy;
  };

  function commit(of: Git, message: string): void {
    of('add', '-A');
    of('commit', '-q', '-m', message);
  }

  /** What a day's work after the backup leaves. */
  function goOn(): void {
    write('a.txt', 'two');
    commit(git, 'second');
  }

  it('keeps the commits made since, and shows what came back as changes', () => {
    box.backup(source);
    goOn();
    const before = copyOf('.git');
    const told = restore(0);
    assertSameTrees(before, join(source, '.git'));
    assert.deepEqual(told.left, repository('.git'));
    assert.deepEqual(touched(told), ['a.txt']);
    assert.deepEqual([log(), read('a.txt')], ['second\nfirst', 'one']);
    assert.match(git('status', '--porcelain'), /^ ?M a\.txt$/);
    git('fsck', '--strict');
    assert.deepEqual(
      box.json<{ entries: { path: string }[] }>(0, 'ls', told.safetySnapshot ?? '').entries.map(({ path }) => path),
      ['a.txt'],
      'the safety snapshot holds what was overwritten and no more',
    );
  });

  it('tells it in words, with what helps', () => {
    box.backup(source);
    goOn();
    const line = /^Left as it is: \.git \(a git repository; --git restores it too\)$/m;
    assert.match(box.phlb('restore', 'project/latest', '--dry-run').stdout, line);
    assert.match(box.phlb('restore', 'project/latest').stdout, line);
    assert.doesNotMatch(box.phlb('restore', 'project/latest', '--git').stdout, line);
  });

  it('takes no safety snapshot where the repository alone differs', () => {
    box.backup(source);
    git('commit', '-q', '--allow-empty', '-m', 'second');
    const told = restore(0);
    assert.deepEqual([touched(told), told.safetySnapshot, told.left], [[], null, repository('.git')]);
  });

  it('says nothing of a repository that is as it was', () => {
    box.backup(source);
    write('a.txt', 'edited');
    const told = restore(0, '--delete');
    assert.deepEqual([told.left, touched(told)], [[], ['a.txt']]);
  });

  it('removes nothing from it with what is newer', () => {
    box.backup(source);
    git('branch', 'idea');
    write('newer.txt', 'newer');
    const before = copyOf('.git');
    const told = restore(0, '--delete');
    assert.deepEqual([told.left, touched(told)], [repository('.git'), ['newer.txt']]);
    assertSameTrees(before, join(source, '.git'));
  });

  it('keeps a repository that is newer than the snapshot, and only that, where all that is newer goes', () => {
    box.backup(source);
    box.write({ 'project/clone/deep/c.txt': 'c' });
    const clone = gitIn(box, join(source, 'clone/deep'));
    clone('init', '-q');
    commit(clone, 'only here');
    const told = restore(0, '--delete');
    assert.deepEqual([told.left, touched(told)], [repository('clone/deep/.git'), ['clone/deep/c.txt']]);
    assert.equal(clone('log', '--format=%s'), 'only here');
    undo();
    assert.equal(clone('status', '--porcelain'), '');
  });

  it('rewinds it when asked to, and an undo brings the commits back', () => {
    box.backup(source);
    goOn();
    const before = copyOf('.git');
    const told = restore(0, '--git', '--delete');
    assert.deepEqual(told.left, []);
    assert.deepEqual([log(), read('a.txt'), git('status', '--porcelain')], ['first', 'one', '']);
    git('fsck', '--strict');
    const undone = undo();
    assert.deepEqual(undone.left, []);
    assert.deepEqual([log(), read('a.txt')], ['second\nfirst', 'two']);
    assertSameTrees(before, join(source, '.git'));
  });

  it('does not lose, by an undo, the commits made since it was rewound', () => {
    box.backup(source);
    goOn();
    restore(0, '--git');
    write('b.txt', 'third');
    commit(git, 'third');
    const told = undo();
    assert.deepEqual(told.left, repository('.git'));
    assert.deepEqual([log(), read('a.txt')], ['third\nfirst', 'two']);
    git('fsck', '--strict');
  });

  it('loses them only when an undo is asked to', () => {
    box.backup(source);
    goOn();
    restore(0, '--git');
    git('commit', '-q', '--allow-empty', '-m', 'third');
    assert.deepEqual(undo('--git').left, []);
    assert.equal(log(), 'second\nfirst');
    undo('--git');
    assert.equal(log(), 'third\nfirst', 'and they are in its safety snapshot');
  });

  it('an undo of a restore that has left it leaves it too', () => {
    box.backup(source);
    goOn();
    restore(0);
    git('commit', '-q', '-a', '-m', 'third');
    const before = copyOf('.git');
    undo();
    assert.equal(read('a.txt'), 'two');
    assertSameTrees(before, join(source, '.git'));
  });

  it('comes back like everything else where it is gone', () => {
    box.backup(source);
    rmSync(join(source, '.git'), { recursive: true });
    write('a.txt', 'two');
    const told = restore(0);
    assert.deepEqual(told.left, []);
    assert.deepEqual([log(), git('status', '--porcelain')], ['first', '']);
    const undone = undo();
    assert.deepEqual([undone.left, existsSync(join(source, '.git'))], [repository('.git'), true]);
    assert.equal(git('log', '--format=%s'), 'first', 'git status has written its index: all of it stays, or nothing');
    assert.equal(read('a.txt'), 'two');
  });

  it('goes again with an undo while nothing has changed in it', () => {
    box.backup(source);
    rmSync(join(source, '.git'), { recursive: true });
    restore(0);
    assert.deepEqual([undo().left, existsSync(join(source, '.git'))], [[], false]);
  });

  it('comes back like everything else in another folder', () => {
    const { path } = box.backup(source);
    const to = box.path('elsewhere');
    assert.deepEqual(restore(0, '--to', to).left, []);
    assertSameTrees(path, to);
    goOn();
    execFileSync('cp', ['-a', `${source}/.`, to]);
    assert.deepEqual(restore(0, '--to', to, '--overwrite').left, []);
    assert.equal(gitIn(box, to)('log', '--format=%s'), 'first');
  });

  it('comes back as far as it is named by its path', () => {
    box.backup(source);
    goOn();
    appendFileSync(join(source, '.git/config'), '[core]\n\tpager = less\n');
    const one = restore(0, '.git/config');
    assert.deepEqual([one.left, touched(one)], [[], ['.git/config']]);
    assert.equal(log(), 'second\nfirst');
    undo();
    assert.match(read('.git/config'), /pager/);
    const both = restore(0, 'a.txt', '.git');
    assert.deepEqual(both.left, []);
    assert.equal(log(), 'first');
  });

  it('leaves one that is nested, also when the folder around it is named', () => {
    const inner = gitIn(box, join(source, 'sub'));
    inner('init', '-q');
    commit(inner, 'inner');
    box.backup(source);
    writeFileSync(join(source, 'sub/b.txt'), 'b2');
    commit(inner, 'inner two');
    for (const args of [['sub'], []]) {
      const told = restore(0, ...args);
      assert.deepEqual(told.left, repository('sub/.git'));
      assert.equal(inner('log', '--format=%s'), 'inner two\ninner');
      assert.equal(read('sub/b.txt'), 'b');
    }
    assert.deepEqual(restore(0, 'sub/.git').left, []);
    assert.equal(inner('log', '--format=%s'), 'inner');
  });

  it('leaves the .git file of a worktree that points elsewhere by now, and its repository', () => {
    git('worktree', 'add', '-q', 'wt');
    box.backup(source);
    const wt = gitIn(box, join(source, 'wt'));
    write('wt/a.txt', 'in the worktree');
    wt('commit', '-q', '-a', '-m', 'in the worktree');
    renameSync(join(source, '.git/worktrees/wt'), join(source, '.git/worktrees/moved'));
    write('wt/.git', `gitdir: ${source}/.git/worktrees/moved\n`);
    assert.deepEqual(restore(0).left, repository('.git', 'wt/.git'));
    assert.equal(wt('log', '-1', '--format=%s'), 'in the worktree');
    assert.equal(read('wt/a.txt'), 'one');
  });

  it('leaves a submodule, which is a .git file and a repository in that of the project', () => {
    box.write({ 'library/l.txt': 'l' });
    const library = gitIn(box, box.path('library'));
    library('init', '-q');
    commit(library, 'library');
    git('submodule', 'add', '-q', box.path('library'), 'lib');
    commit(git, 'with a submodule');
    box.backup(source);
    const lib = gitIn(box, join(source, 'lib'));
    write('lib/l.txt', 'l2');
    lib('commit', '-q', '-a', '-m', 'library two');
    const told = restore(0, '--delete');
    assert.deepEqual(told.left, repository('.git'));
    assert.equal(lib('log', '--format=%s'), 'library two\nlibrary');
    assert.equal(read('lib/l.txt'), 'l');
    lib('fsck');
    rmSync(join(source, 'lib'), { recursive: true });
    assert.deepEqual(restore(0).left, repository('.git'));
    assert.equal(lib('log', '--format=%s'), 'library two\nlibrary', 'its .git file came back with its folder');
  });

  for (const [kind, make] of [
    ['a file', (path: string) => writeFileSync(path, 'gitdir: ../elsewhere\n')],
    ['a symlink', (path: string) => symlinkSync('../elsewhere', path)],
    ['an empty folder', (path: string) => mkdirSync(path)],
  ] as const) {
    it(`leaves ${kind} named .git where a folder was`, () => {
      box.backup(source);
      renameSync(join(source, '.git'), box.path('elsewhere'));
      make(join(source, '.git'));
      write('a.txt', 'two');
      const told = restore(0);
      assert.deepEqual([told.left, touched(told)], [repository('.git'), ['a.txt']]);
    });

    it(`leaves a repository where ${kind} named .git was`, () => {
      renameSync(join(source, '.git'), box.path('elsewhere'));
      make(join(source, '.git'));
      box.backup(source);
      rmSync(join(source, '.git'), { recursive: true });
      renameSync(box.path('elsewhere'), join(source, '.git'));
      write('a.txt', 'two');
      const told = restore(0, '--delete');
      assert.deepEqual([told.left, touched(told), log()], [repository('.git'), ['a.txt'], 'first']);
    });
  }

  it('does not take a folder with a repository away to put a file in its place', () => {
    box.write({ 'project/notes': 'a file then' });
    box.backup(source);
    rmSync(join(source, 'notes'));
    box.write({ 'project/notes/repo/n.txt': 'n' });
    const notes = gitIn(box, join(source, 'notes/repo'));
    notes('init', '-q');
    commit(notes, 'notes');
    for (const args of [[], ['notes'], ['--delete']]) {
      const told = restore(3, ...args);
      assert.deepEqual(
        told.errors.map(({ path, code }) => `${path} ${code}`),
        ['notes EREPOSITORY'],
      );
      assert.deepEqual(told.left, repository('notes/repo/.git'));
      assert.equal(notes('status', '--porcelain'), '');
    }
    assert.deepEqual(restore(0, '--git').left, []);
    assert.equal(read('notes'), 'a file then');
    undo();
    assert.equal(notes('status', '--porcelain'), '');
  });

  it('leaves alone what lies behind a symlink', () => {
    const inner = gitIn(box, join(source, 'sub'));
    inner('init', '-q');
    commit(inner, 'inner');
    box.backup(source);
    renameSync(join(source, 'sub'), box.path('sub'));
    symlinkSync(box.path('sub'), join(source, 'sub'));
    const told = restore(3);
    assert.deepEqual(told.left, []);
    assert.ok(told.errors.some(({ path, code }) => path === 'sub' && code === 'ELOOP'));
  });

  it('treats what is only named like one as any other file', () => {
    box.write({ 'project/.gitignore': 'x', 'project/.github/ci.yml': 'x', 'project/bare.git/HEAD': 'x' });
    box.backup(source);
    for (const path of ['.gitignore', '.github/ci.yml', 'bare.git/HEAD']) write(path, 'changed');
    assert.deepEqual(touched(restore(0)).sort(), ['.github/ci.yml', '.gitignore', 'bare.git/HEAD']);
  });

  it('comes last and folded where changes are listed, unless asked for', () => {
    const first = box.backup(source);
    goOn();
    const told = box.phlb('diff', first.id).stdout.trimEnd().split('\n');
    assert.equal(told[0], 'modified  a.txt');
    assert.match(told[1] ?? '', /^\.git: \d+ changes$/);
    assert.match(told[2] ?? '', / to now: .*modified/);
    assert.equal(told.length, 3);
    const all = box.phlb('diff', first.id, '--git').stdout;
    assert.match(all, /^modified +\.git\/refs\/heads\/main$/m);
    const { changes } = box.json<{ changes: { path: string }[] }>(0, 'diff', first.id);
    const paths = changes.map(({ path }) => path);
    assert.ok(paths.includes('.git/refs/heads/main'), 'a script is told everything');
    assert.deepEqual(paths, paths.toSorted());
  });
});
