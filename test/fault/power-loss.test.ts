import assert from 'node:assert/strict';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assertSameTrees, installed } from '../support/judges.js';
import { CLI, Sandbox } from '../support/sandbox.js';
import { flip } from '../support/damage.js';
import { must } from './support/ground.js';
import { leftovers, longFile, startPhlb, until } from './support/processes.js';
import { readTrace, tracing, type Rename, type Trace } from './support/trace.js';

describe('Were the power to fail at any moment,', () => {
  let box: Sandbox;
  let source: string;

  before(function () {
    if (!installed('strace')) this.skip();
  });
  beforeEach(() => {
    box = new Sandbox();
    source = box.path('documents');
    for (let i = 0; i < 12; i++) box.write({ [`documents/d${i % 3}/${i}.txt`]: `content ${i} `.repeat(50) });
    box.write({ 'documents/same.txt': 'twice', 'documents/d0/same.txt': 'twice', 'documents/empty/': '' });
    longFile(join(source, 'large.bin'), 2);
  });
  afterEach(() => box.dispose());

  // Where there is no program `sync`, as on macOS and Windows, each new file has to be flushed.
  for (const [where, path] of [
    ['', undefined],
    [', also where a file system cannot be flushed as a whole', '/nowhere'],
  ] as const) {
    describe(`what stands under a snapshot's name is on the disk${where}`, () => {
      const env = path === undefined ? {} : { PATH: path };

      it('after a first backup, and after one with new, moved and doubled contents', () => {
        const first = traced(env, ['backup', source]);
        assertPublished(first, 1);
        assert.equal(first.trace.flushes.includes('syncfs'), path === undefined);
        renameSync(join(source, 'd0'), join(source, 'moved'));
        box.write({ 'documents/new.txt': 'new', 'documents/new too.txt': 'new', 'documents/d1/3.txt': 'changed' });
        longFile(join(source, 'larger.bin'), 3);
        longFile(join(source, 'larger too.bin'), 3);
        assertPublished(traced(env, ['backup', source]), 1);
      });

      it('after one that has found its contents in what a killed run has left', async () => {
        longFile(join(source, 'd2/long.bin'), 150);
        const dead = startPhlb(box, 'backup', source);
        await until('some files are copied', () => namesLeft().length > 5);
        dead.child.kill('SIGKILL');
        await dead.ended;
        assert.equal(leftovers(box.root).length, 1);
        longFile(join(source, 'd2/long.bin'), 0);
        const next = traced(env, ['backup', source]);
        const copied = next.written.filter(one => /tree\/.*\.txt$/.test(one));
        assert.ok(copied.length < 13, 'something of it was used');
        // What the dead run wrote is not in this trace, but all of it has to be flushed, too.
        if (path !== undefined) {
          const flushed = next.trace.flushes.filter(one => /\/tree\/.*\.txt$/.test(one));
          assert.equal(flushed.length, 13, flushed.join('\n'));
        }
        assertPublished(next, 1);
      });

      it('after a restore, and what the restore replaces was so before', () => {
        box.backup(source);
        for (let i = 0; i < 6; i++) writeFileSync(join(source, `d${i % 3}/${i}.txt`), `edited ${i}`);
        rmSync(join(source, 'same.txt'));
        const { trace, publishings } = traced(env, ['restore', 'documents/latest']);
        assert.equal(publishings.length, 1, 'the safety snapshot');
        assert.deepEqual(publishings[0]?.unflushed, []);
        const at = trace.renames.findIndex(({ to }) => to === publishings[0]?.rename.to);
        const restored = trace.renames.findIndex(({ to }) => to.startsWith(`${source}/`));
        assert.ok(at >= 0 && at < restored, 'it comes first');
        assert.deepEqual(trace.unflushed.filter(isStored), []);
      });

      it('after a purge: files go before the manifest forgets them', () => {
        for (let i = 0; i < 2; i++) {
          box.write({ 'documents/d1/secret.txt': `secret ${i}` });
          box.backup(source);
        }
        let manifests = 0;
        const { trace } = traced(env, ['purge', 'secret.txt', '--yes'], ({ from, to }, unflushed) => {
          if (!to.endsWith('.mtree.gz')) return;
          manifests++;
          assert.deepEqual(
            unflushed.filter(path => path === from || isStored(path)),
            [],
          );
        });
        assert.equal(manifests, 2);
        assert.deepEqual(trace.unflushed.filter(isStored), []);
      });

      it('after a heal: a copy is there whole before it takes its place', () => {
        const { path: tree } = box.backup(source);
        flip(join(tree, 'd1/1.txt'));
        flip(join(tree, 'same.txt'));
        rmSync(join(tree, 'd2'), { recursive: true });
        let healed = 0;
        const { trace } = traced(env, ['verify', '--heal'], ({ from, to }, unflushed) => {
          if (!to.startsWith(`${tree}/`) || !/\.txt$/.test(to)) return;
          healed++;
          assert.ok(!unflushed.includes(from), to);
        });
        assert.equal(healed, 7);
        assert.deepEqual(trace.unflushed.filter(isStored), []);
        assertSameTrees(source, tree);
      });

      it('after a prune, a label and a pin: the records are those of what is there', () => {
        const ids = [1, 2, 3].map(() => box.backup(source).id);
        const [first = ''] = ids;
        for (const command of [
          ['label', first, 'old'],
          ['pin', first],
          ['unpin', first],
        ]) {
          const { trace } = traced(env, command, ({ from, to }, unflushed) => {
            if (to.endsWith('.json')) assert.ok(!unflushed.includes(from), from);
          });
          assert.ok(trace.renames.some(({ to }) => to === box.manifest(first).replace('.mtree.gz', '.json')));
          assert.deepEqual(
            trace.unflushed.filter(name => name.includes('/manifests')),
            [],
          );
        }
        const { trace } = traced(env, ['prune', '--keep-last', '1']);
        const folder = join(box.root, 'documents');
        const hidden = trace.renames.filter(({ from }) => from.startsWith(`${folder}/`));
        assert.equal(hidden.length, 2);
        assert.ok(trace.flushes.filter(one => one === folder).length >= 2);
        assert.ok(!trace.unflushed.includes(folder));
      });
    });
  }

  it('only with --no-sync nothing is waited for, and a snapshot is still published in one step', () => {
    for (let i = 0; i < 2; i++) {
      const { trace, publishings } = traced({}, ['backup', source, '--no-sync']);
      assert.equal(publishings.length, 1);
      assert.deepEqual(
        trace.flushes.filter(one => one === 'syncfs' || isStored(one) || one.includes('/partial')),
        [],
      );
      const [manifest, record, tree] = trace.renames.filter(
        ({ from, to }) => from.includes('/partial/') && !to.includes('/partial/'),
      );
      assert.match(manifest?.to ?? '', /\.mtree\.gz$/);
      assert.match(record?.to ?? '', /\.json$/);
      assert.deepEqual(tree, publishings[0]?.rename);
      assertSameTrees(source, tree?.to ?? '');
      box.write({ 'documents/d1/3.txt': 'changed' });
    }
    // The next run flushes what this one has not.
    assertPublished(traced({}, ['backup', source]), 1);
  });

  interface Traced {
    trace: Trace;
    /** renames of a tree to a snapshot's name, with what was not flushed of it then */
    publishings: { rename: Rename; unflushed: string[] }[];
    /** what was written to */
    written: string[];
  }

  function traced(
    env: NodeJS.ProcessEnv,
    command: string[],
    onRename: (rename: Rename, unflushed: readonly string[]) => void = () => undefined,
  ): Traced {
    const file = box.path('trace');
    const strace = must('sh', '-c', 'command -v strace').trim();
    const [, ...args] = tracing(file, process.execPath, CLI, ...command);
    const { status, stderr } = box.run([strace, ...args], env);
    assert.equal(status, 0, stderr);
    const publishings: Traced['publishings'] = [];
    const trace = readTrace(file, box.root, (rename, unflushed) => {
      onRename(rename, unflushed);
      const { from, to } = rename;
      if (!/\/partial\/[^/]*\/tree$/.test(from)) return;
      const stamp = to.slice(box.root.length);
      const own = (path: string): boolean =>
        path === from ||
        path.startsWith(`${from}/`) ||
        path.includes(`/manifests${stamp}`) ||
        path.endsWith('/manifests/documents');
      publishings.push({ rename, unflushed: unflushed.filter(own) });
    });
    const writes = must('sh', '-c', 'grep -E "^[0-9]+ +(write|pwrite64)\\(" "$1" || true', 'sh', file).split('\n');
    const written = [...new Set(writes.map(line => /<([^>]*)>/.exec(line)?.[1] ?? ''))];
    return { trace, publishings, written };
  }

  function assertPublished({ trace, publishings }: Traced, count: number): void {
    assert.equal(publishings.length, count);
    for (const { unflushed } of publishings) assert.deepEqual(unflushed, []);
    assert.deepEqual(trace.unflushed.filter(isStored), []);
  }

  function namesLeft(): string[] {
    return box
      .run(['find', join(box.root, '.phlb/partial'), '-name', '*.txt'])
      .stdout.split('\n')
      .filter(Boolean);
  }

  /** Of a source's folder in the root, or of the root itself. */
  function isStored(path: string): boolean {
    return path === box.root || path.startsWith(join(box.root, 'documents'));
  }
});
