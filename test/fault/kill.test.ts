import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertSameTrees } from '../support/judges.js';
import { Sandbox, type Published } from '../support/sandbox.js';
import { Ground, must } from './support/ground.js';
import { leftovers, seeded, startPhlb, until } from './support/processes.js';

const KILLS = 7;
const FILES = 600;

describe('A run that is killed with kill -9', () => {
  let box: Sandbox;
  let ground: Ground;
  let source: string;
  let random: () => number;

  beforeEach(() => {
    box = new Sandbox();
    ground = new Ground(box);
    // In memory where that can be had: the disk of a test machine is slow and shared.
    ground.tmpfs('memory', 'size=500m');
    source = box.path('memory/documents');
    box.run(['sh', '-c', 'mkdir -p memory; ln -sfn "$PWD/memory/root" home/PyHardLinkBackups; mkdir memory/root']);
    random = seeded();
    for (let i = 0; i < FILES; i++) box.write({ [`memory/documents/${i % 40}/${i % 7}/${i}`]: `${i} `.repeat(1500) });
    for (let i = 0; i < 3; i++) writeFileSync(join(source, `large ${i}`), Buffer.alloc(4 << 20, String(i)));
  });
  afterEach(() => {
    ground.dispose();
    box.dispose();
  });

  it('while it makes the first snapshot leaves nothing that counts, and the next one uses what it has copied', async () => {
    let reused = 0;
    for (let i = 0; i < KILLS; i++) {
      const done = await killed(FILES);
      assert.deepEqual(box.ids(), done ? [done] : []);
      const copied = filesIn('.phlb/partial');
      const next = box.backup(source);
      if (done === undefined) {
        assert.ok(
          next.linkedFiles + next.unchangedFiles > 0 || copied < 70,
          `of ${copied} copied files none is reused`,
        );
        if (next.linkedFiles > 0) reused++;
      }
      assertWhole([next]);
      must('sh', '-c', 'rm -rf "$1"/* "$1"/.phlb', 'sh', box.path('memory/root'));
      must('rm', '-rf', join(box.state, 'roots'));
    }
    assert.ok(reused > 0, 'some run was killed while it copied');
  });

  it('while it adds to older snapshots leaves those whole, and the next run succeeds without help', async () => {
    const kept = [keep(box.backup(source))];
    for (let i = 0; i < KILLS; i++) {
      change(i);
      const known = box.ids();
      const done = await killed(FILES + 100 * i);
      assert.deepEqual(box.ids(), done ? [...known, done] : known);
      kept.push(keep(box.backup(source)));
    }
    assertWhole(kept);
    const contents = must(
      'sh',
      '-c',
      'cat "$1"/.phlb/manifests/*/*.gz | gzip -dc | grep -ao "sha256=[^ ]*" | sort -u | wc -l',
      'sh',
      box.root,
    );
    // One inode for each content, whatever was killed in between.
    assert.equal(
      Number(must('sh', '-c', 'find "$1"/documents/ -type f -printf "%i\\n" | sort -u | wc -l', 'sh', box.root)),
      Number(contents),
    );
  });

  it('twice in a row leaves to the third what the first has copied', async () => {
    for (let i = 0; i < 2; i++) {
      const least = filesIn('.phlb/partial') + 50;
      const run = startPhlb(box, 'backup', source);
      await until('copied files', () => run.child.exitCode !== null || filesIn('.phlb/partial') >= least);
      run.child.kill('SIGKILL');
      await run.ended;
    }
    assert.equal(leftovers(box.root).length, 2);
    const inodes = new Set(inodesOf(join(box.root, '.phlb/partial')));
    const next = box.backup(source);
    const now = new Set(inodesOf(next.path));
    const reused = [...inodes].filter(inode => now.has(inode)).length;
    assert.ok(reused >= 50, `${reused} of ${inodes.size} reused`);
    assert.ok(next.linkedFiles >= reused);
    assertWhole([next]);
  });

  it('between its manifest and its tree leaves no snapshot, and the manifest goes', () => {
    const first = box.backup(source);
    const folder = join(box.root, '.phlb/manifests/documents');
    for (const file of readdirSync(folder)) {
      execFileSync('cp', ['-a', join(folder, file), join(folder, file.replace(/^\d{4}/, '2001'))]);
    }
    assert.deepEqual(box.ids(), [first.id]);
    appendFileSync(join(source, 'large 0'), 'more');
    const next = box.backup(source);
    assert.deepEqual(box.ids(), [first.id, next.id]);
    assert.equal(readdirSync(folder).length, 4);
    assertWhole([next]);
  });

  function change(i: number): void {
    renameSync(join(source, String(i)), join(source, `moved ${i}`));
    writeFileSync(join(source, `large ${i % 3}`), Buffer.alloc(4 << 20, `${i} again`));
    for (let n = 0; n < 100; n++) box.write({ [`memory/documents/new/${i}/${n}`]: `${i} ${n} `.repeat(1500) });
  }

  function keep(snapshot: Published): Published & { copy: string } {
    // Judged again at the end, when all that may harm it has happened.
    const copy = box.path('memory/copies', snapshot.id);
    must('mkdir', '-p', copy);
    must('cp', '-a', `${source}/.`, copy);
    assertSameTrees(source, snapshot.path);
    return { ...snapshot, copy };
  }

  function assertWhole(snapshots: readonly (Published & { copy?: string })[]): void {
    for (const { path, copy } of snapshots) assertSameTrees(copy ?? source, path);
    assert.deepEqual(leftovers(box.root), []);
    assert.deepEqual(readdirSync(join(box.root, '.phlb')).sort(), ['manifests', 'partial', 'store.json']);
    const trees = readdirSync(join(box.root, 'documents')).length;
    assert.equal(readdirSync(join(box.root, '.phlb/manifests/documents')).length, 2 * trees);
    assert.equal(box.phlb('verify', '--quick').status, 0);
  }

  /**
   * Kills a run at a random moment: when its tree has reached a number of files (on a busy machine no clock finds those
   * moments), or a little later. The id of its snapshot, when it was published by then.
   */
  async function killed(most: number): Promise<string | undefined> {
    const before = existsSync(join(box.root, 'documents')) ? readdirSync(join(box.root, 'documents')) : [];
    const run = startPhlb(box, 'backup', source);
    const [files, ms] = [Math.floor(random() * most), random() < 0.5 ? 0 : random() * 400];
    await until('a tree', () => run.child.exitCode !== null || filesIn('.phlb/partial') >= files);
    await Promise.race([sleep(ms), run.ended]);
    run.child.kill('SIGKILL');
    await run.ended;
    const after = existsSync(join(box.root, 'documents')) ? readdirSync(join(box.root, 'documents')) : [];
    const stamp = after.find(name => !before.includes(name));
    return stamp === undefined ? undefined : `documents/${stamp}`;
  }

  function filesIn(folder: string): number {
    return inodesOf(join(box.root, folder)).length;
  }

  function inodesOf(folder: string): string[] {
    if (!existsSync(folder)) return [];
    // Folders come and go while a run is under way.
    return box
      .run(['find', `${folder}/`, '-type', 'f', '-size', '+0', '-name', '[0-9]*', '-printf', '%i\n'])
      .stdout.trim()
      .split('\n')
      .filter(Boolean);
  }
});
