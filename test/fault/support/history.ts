import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { EngineClient } from '../../../src/worker/client.js';
import { locationOf } from '../../support/engine.js';
import { assertSameTrees } from '../../support/judges.js';
import { runProgram } from '../../support/run-program.js';
import type { Sandbox } from '../../support/sandbox.js';
import { must } from './ground.js';
import { leftovers } from './processes.js';

/** Snapshots of a small source that changes in between, a copy of each by cp, and the judges that compare them. */
export class History {
  readonly source: string;
  /** by id, what each snapshot has to be */
  readonly copies: string;
  /** the state to return to */
  readonly kept: string;

  /** @param folder where source, copies and the state to return to are kept */
  constructor(
    private readonly box: Sandbox,
    private readonly engine: EngineClient,
    folder: string,
  ) {
    this.source = join(folder, 'documents');
    this.copies = join(folder, 'copies');
    this.kept = join(folder, 'template');
    mkdirSync(join(this.copies, 'documents'), { recursive: true });
    for (let i = 0; i < 24; i++) this.write(`d${i % 4}/${i}.txt`, `content ${i} `.repeat(300));
    for (let i = 0; i < 3; i++) this.write(`d${i}/same.txt`, 'the same everywhere');
    this.write('large.bin', 'l'.repeat((1 << 20) + 5));
  }

  write(path: string, content: string): void {
    mkdirSync(dirname(join(this.source, path)), { recursive: true });
    writeFileSync(join(this.source, path), content);
  }

  async take(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      if (i > 0) this.edit(i);
      const { id } = await this.engine.call('backup', { location: locationOf(this.box), source: this.source });
      must('cp', '-a', this.source, join(this.copies, id ?? ''));
    }
  }

  edit(i: number): void {
    this.write(`d${i % 4}/${i}.txt`, `edited ${i} `.repeat(200));
    renameSync(join(this.source, `d2/${i * 4 + 2}.txt`), join(this.source, `d3/moved ${i}.txt`));
    this.write(`new ${i}/one.txt`, `new ${i} `.repeat(400));
    this.write(`new ${i}/large.bin`, `${i}`.repeat((1 << 20) + 9));
  }

  /** Keeps store, index and source as they are now, for `reset`. */
  keep(): void {
    const script =
      'mkdir "$2" && cp -a "$3" "$2/source" && cd "$1" && for f in P* .state; do test ! -e $f || cp -a $f "$2"; done';
    must('sh', '-c', script, 'sh', this.box.home, this.kept, this.source);
  }

  reset(): void {
    const script =
      'rm -rf "$1"/P* "$1/.state" "$3" && cp -a "$2/source" "$3" && cd "$2" && for f in P* .state; do test ! -e $f || cp -a $f "$1"; done';
    must('sh', '-c', script, 'sh', this.box.home, this.kept, this.source);
  }

  /** Ids by folder name. */
  snapshots(): string[] {
    const folder = join(this.box.root, 'documents');
    const stamps = existsSync(folder) ? readdirSync(folder) : [];
    return stamps.sort().map(stamp => `documents/${stamp}`);
  }

  /** What diff finds between all snapshots and their copies. */
  differences(): string[] {
    const folders = [this.copies, this.box.root].map(folder => join(folder, 'documents'));
    const { stdout, status } = runProgram('diff', ['-rq', '--no-dereference', ...folders]);
    assert.ok(status === 0 || status === 1);
    return stdout.split('\n').filter(Boolean);
  }

  /** Names, types, modes and times in the snapshots, as they are or were kept. */
  states(when: 'now' | 'kept', except = ''): string[] {
    const root = when === 'now' ? this.box.root : join(this.kept, 'PyHardLinkBackups');
    const skipped = [
      '-path',
      `${root}/.phlb/*`,
      '-prune',
      '-o',
      ...(except === '' ? [] : ['-name', except, '-prune', '-o']),
    ];
    const told = must('find', root, ...skipped, '-mindepth', '2', '-printf', '%P %y %m %T@\\n');
    return told.split('\n').filter(Boolean).sort();
  }

  /** These hold what their copies hold, and not even a mode or a time in them is another. */
  assertUnharmed(ids: readonly string[], before = this.states('kept')): void {
    for (const id of ids) assertSameTrees(join(this.copies, id), join(this.box.root, id));
    const among = (state: string): boolean => ids.some(id => state.startsWith(`${id}/`) || state.startsWith(`${id} `));
    assert.deepEqual(this.states('now').filter(among), before.filter(among));
  }

  /** Nothing is left of a run that ended badly, but for the draft of a small file, which goes when it is an hour old. */
  assertTidy(): void {
    assert.deepEqual(leftovers(this.box.root), []);
    const files = readdirSync(join(this.box.root, '.phlb/manifests/documents'));
    const stamps = new Set(files.map(file => `documents/${file.replace(/\..*$/, '')}`));
    assert.deepEqual([...stamps].sort(), this.snapshots());
  }

  async assertVerified(): Promise<void> {
    const { damaged } = await this.engine.call('verify', { location: locationOf(this.box), snapshots: [] });
    assert.deepEqual(damaged, []);
  }
}
