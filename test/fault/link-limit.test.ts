import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { elapse } from '../support/elapse.js';
import { assertSameTrees } from '../support/judges.js';
import { Sandbox, type Published } from '../support/sandbox.js';
import { Ground, must } from './support/ground.js';

/** ext4's own: https://docs.kernel.org/filesystems/ext4/inodes.html */
const LIMIT = 65_000;
const FILES = 2000;

describe('More equal files than an inode can have names (ext4: 65,000)', () => {
  const box = new Sandbox();
  const ground = new Ground(box);
  let source: string;
  let root: string;

  before(function () {
    const [disk, memory] = [ground.ext4('disk', 100), ground.tmpfs('sources', 'size=512m,nr_inodes=200k')];
    if (disk === undefined || memory === undefined) return this.skip();
    root = join(disk, 'root');
    source = join(memory, 'documents');
    fill('few', 'same');
  });
  after(() => {
    ground.dispose();
    box.dispose();
  });

  it('are linked without being read as long as they fit, then share one new inode', () => {
    const first = backup(source);
    assert.deepEqual([first.copiedFiles, inodesIn(first.path)], [1, 1]);
    useUp(join(first.path, 'few/0/0'), LIMIT - 2 * FILES - FILES / 2);
    const second = backup(source);
    assert.deepEqual([second.unchangedFiles, inodesIn(second.path)], [FILES, 1]);
    const third = backup(source);
    assert.deepEqual([third.files, third.copiedFiles, third.damaged], [FILES, 1, []]);
    assert.equal(inodesIn(third.path), 2, 'the old one, full now, and a new one');
    assert.equal(Number(must('stat', '-c', '%h', join(first.path, 'few/0/0'))), LIMIT);
    for (const { path } of [first, second, third]) assertSameTrees(source, path);
    const fourth = backup(source);
    assert.deepEqual([fourth.copiedFiles, inodesIn(fourth.path)], [0, 1], 'all of them share the new one');
    assertSameTrees(source, fourth.path);
  });

  it('and so do files found by their content', () => {
    fill('new', 'other');
    const first = backup(source);
    assert.deepEqual([first.copiedFiles, inodesIn(join(first.path, 'new'))], [1, 1]);
    useUp(join(first.path, 'new/0/0'), LIMIT - FILES - FILES / 2);
    fill('newer', 'other');
    const second = backup(source);
    assert.deepEqual([second.files, second.copiedFiles, second.damaged], [3 * FILES, 1, []]);
    assert.equal(inodesIn(join(second.path, 'new'), join(second.path, 'newer')), 2);
    assertSameTrees(source, second.path);
  });

  it('also where each is too large to be kept in memory', () => {
    const large = join(box.path('sources'), 'large');
    const content = Buffer.alloc((1 << 20) + 1, 'l');
    mkdirSync(large);
    writeFileSync(join(large, 'first'), content);
    const first = backup(large);
    useUp(join(first.path, 'first'), LIMIT - 1);
    for (const name of ['second', 'third', 'fourth']) writeFileSync(join(large, name), content);
    const next = backup(large);
    assert.deepEqual([next.copiedFiles, next.files, next.damaged], [1, 4, []]);
    assert.equal(inodesIn(next.path), 1);
    assertSameTrees(large, next.path);
    assert.deepEqual(must('find', join(root, '.phlb/partial'), '-mindepth', '1'), '');
  });

  it('and 70,000 in one source, twice: no inode gets more names than it can have, and few are new', () => {
    const many = box.path('sources/many');
    fill('../many', 'the very same', 70_000);
    for (const runs of [1, 2]) {
      const next = backup(many);
      assert.ok(next.copiedFiles <= 2, `${next.copiedFiles} copies`);
      assert.deepEqual([next.files, next.damaged], [70_000, []]);
      assertSameTrees(many, next.path);
      const names = must('find', join(root, 'many'), '-type', 'f', '-printf', '%i %n\\n').split('\n');
      const links = new Map(names.filter(Boolean).map(name => name.split(' ') as [string, string]));
      assert.ok(links.size <= 2 * runs, `${links.size} inodes`);
      for (const count of links.values()) assert.ok(Number(count) <= LIMIT);
    }
  });

  function backup(folder: string): Published {
    const snapshot = box.backup(folder, '--root', root);
    // Files of a moment ago would be read again, by each run.
    elapse(root);
    return snapshot;
  }

  function fill(folder: string, content: string, files = FILES): void {
    for (let i = 0; i < files; i++) {
      const parent = join(source, folder, String(Math.floor(i / 100)));
      if (i % 100 === 0) mkdirSync(parent, { recursive: true });
      writeFileSync(join(parent, String(i)), content);
    }
  }

  // Gives the inode names outside of all snapshots, so that the real limit is near without 65,000 files in each.
  function useUp(file: string, names: number): void {
    const folder = join(root, '.phlb', `names-${names}`);
    mkdirSync(folder);
    const script = 'const { linkSync } = require("fs"); for (let i = 0; i < +process.argv[3]; i++) ';
    must(
      process.execPath,
      '-e',
      `${script} linkSync(process.argv[1], process.argv[2] + "/" + i)`,
      file,
      folder,
      `${names}`,
    );
  }

  function inodesIn(...folders: string[]): number {
    return Number(must('sh', '-c', 'find "$@" -type f -printf "%i\\n" | sort -u | wc -l', 'sh', ...folders));
  }
});
