import * as assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import * as vscode from 'vscode';
import { snapshotNames } from '../../../src/commands/snapshots/chosen-snapshots.js';
import { Command, type BackupReply, type PruneReply } from '../../../src/contributions.js';
import type { AnnotateResult } from '../../../src/engine/annotate.js';
import type { DeleteResult } from '../../../src/engine/delete.js';
import type { BackupResult, VerifyResult } from '../../../src/engine/words/model.js';
import type { RebuildResult } from '../../../src/engine/rebuild.js';
import { Catalog } from '../../../src/host/catalog/catalog.js';
import { Configuration } from '../../../src/host/editor/configuration.js';
import { EngineClient } from '../../../src/worker/client.js';
import { backUp, backupRoot, callApi, closeEditors, scratchFolder, workspaceFolder } from '../workspace.js';

const run = callApi;
type Snapshot = Awaited<ReturnType<typeof backUp>>;

describe('Looking after the store', () => {
  let scratch: ReturnType<typeof scratchFolder>;
  let folder: string;

  beforeEach(() => {
    scratch = scratchFolder();
    // A source of its own each time, so that no test finds what another has left.
    folder = join(scratch.path, `plans-${basename(scratch.path).slice(-6)}`);
    mkdirSync(folder);
    writeFileSync(join(folder, 'same.txt'), 'same\n');
  });
  afterEach(() => scratch.remove());

  it('deletes the snapshots that a script names and leaves the others whole', async () => {
    const [first, second, third] = await snapshots(3);
    const copy = copyOf(third);
    const result = await run<DeleteResult>(Command.deleteSnapshot, first.id, [second.id]);
    assert.deepEqual(result.deleted, [first.id, second.id]);
    assert.ok(!existsSync(first.path) && !existsSync(second.path));
    assertSame(copy, third.path);
    assert.equal((await run<VerifyResult>(Command.verify, third.id)).damaged.length, 0);
  });

  it('takes the selected snapshots of a menu, never the snapshot of a selected file, else a slip deletes it all', async () => {
    const [first, second, third] = await snapshots(3);
    const engine = new EngineClient(resolve(__dirname, '../../../../dist/worker.js'));
    const catalog = new Catalog(engine, new Configuration(join(homedir(), 'index-of-menus')));
    try {
      const uris = await Promise.all([first, second, third].map(({ id }) => catalog.snapshotAddress(id)));
      const [one, two, three] = uris.map(uri => ({ uri }));
      assert.ok(one && two && three);
      const file = { uri: three.uri.with({ path: `${three.uri.path}/own.txt` }) };
      const day = { sourceName: first.name };
      assert.deepEqual(await snapshotNames(catalog, one, [one, file, day, two]), [first.id, second.id]);
      assert.deepEqual(await snapshotNames(catalog, one, undefined), [first.id]);
      await assert.rejects(async () => snapshotNames(catalog, file, [file, one]), /Choose a snapshot/);
    } finally {
      catalog.dispose();
      await engine.dispose();
    }
  });

  it('deletes no pinned snapshot, and deletes it once it is unpinned', async () => {
    const [first] = await snapshots(1);
    assert.equal((await run<AnnotateResult>(Command.pin, first.id)).pinned, true);
    await assert.rejects(async () => run(Command.deleteSnapshot, first.id), /inned/);
    await assert.rejects(async () => run(Command.forgetSource, first.name), /inned/);
    assert.ok(existsSync(join(first.path, 'same.txt')));
    assert.equal((await run<AnnotateResult>(Command.unpin, first.id)).pinned, false);
    assert.deepEqual((await run<DeleteResult>(Command.deleteSnapshot, first.id)).deleted, [first.id]);
  });

  it('removes a source with its snapshots and leaves those of others whole', async () => {
    const other = await backUp();
    const copy = copyOf(other);
    const [first, second] = await snapshots(2);
    const result = await run<DeleteResult>(Command.forgetSource, first.name);
    assert.deepEqual(result.deleted, [first.id, second.id]);
    assert.ok(!existsSync(join(backupRoot(), first.name)));
    assertSame(copy, other.path);
    await assert.rejects(async () => run(Command.forgetSource, first.name), /no source/);
    const [again] = await snapshots(1);
    assert.equal(again.name, first.name);
  });

  it('cleans up by the rules of the settings and says why the rest stays', async () => {
    const settings = vscode.workspace.getConfiguration('phlb.retention');
    const rules = ['keepLast', 'keepHourly', 'keepDaily', 'keepWeekly', 'keepMonthly', 'keepYearly'];
    const set = async (value: number | undefined, last: number | undefined): Promise<void> => {
      for (const rule of rules) {
        await settings.update(rule, rule === 'keepLast' ? last : value, vscode.ConfigurationTarget.Global);
      }
    };
    const [first, second, third] = await snapshots(3);
    const copy = copyOf(third);
    await run(Command.pin, first.id);
    try {
      await set(0, 0);
      assert.deepEqual((await run<PruneReply>(Command.prune, first.name)).deleted, []);
      await set(0, 1);
      const reply = await run<PruneReply>(Command.prune, first.name);
      assert.deepEqual(reply.deleted, [second.id]);
      assert.deepEqual(reply.kept, [
        { id: first.id, reasons: ['pinned'] },
        { id: third.id, reasons: ['last'] },
      ]);
      assert.ok(reply.freedBytes > 0);
    } finally {
      await set(undefined, undefined);
    }
    assertSame(copy, third.path);
    await assert.rejects(async () => run(Command.prune, 'no such source'), /no source/);
  });

  it('gives a snapshot a label and takes it away', async () => {
    const [{ id }] = await snapshots(1);
    assert.equal((await run<AnnotateResult>(Command.label, id, ' before the move ')).label, 'before the move');
    assert.equal((await run<AnnotateResult>(Command.label, id, '')).label, null);
  });

  it('backs the workspace up with a label, and one source alone', async () => {
    const named = await run<BackupReply>(Command.backupNamed, 'release');
    const id = named.snapshots[0]?.id ?? '';
    const record = JSON.parse(readFileSync(join(backupRoot(), '.phlb', 'manifests', `${id}.json`), 'utf8')) as object;
    assert.equal((record as { label: string }).label, 'release');
    const [first] = await snapshots(1);
    writeFileSync(join(folder, 'later.txt'), 'later\n');
    const reply = await run<BackupReply>(Command.backupSource, first.name);
    assert.deepEqual(
      reply.snapshots.map(({ name, source }) => ({ name, source })),
      [{ name: first.name, source: folder }],
    );
    assertSame(folder, reply.snapshots[0]?.path ?? '');
    await assert.rejects(async () => run(Command.backupSource, 'no such source'), /no source/);
  });

  it('finds what has rotted on the disk, and nothing where all is well', async () => {
    const [first] = await snapshots(1);
    assert.deepEqual((await run<VerifyResult>(Command.verify, first.id)).damaged, []);
    const file = join(first.path, 'own.txt');
    chmodSync(file, 0o644);
    writeFileSync(file, 'rotten');
    const { damaged } = await run<VerifyResult>(Command.verify, first.id);
    assert.deepEqual([damaged[0]?.snapshot, damaged[0]?.path], [first.id, 'own.txt']);
  });

  it('rebuilds the index, of every snapshot', async () => {
    await snapshots(1);
    const { snapshots: count, errors } = await run<RebuildResult>(Command.rebuildIndex);
    assert.ok(count > 0);
    assert.deepEqual(errors, []);
  });

  it('copies the path of a plain file, else one cannot get at a backup with other tools', async () => {
    const { id, path } = await backUp();
    assert.equal(await run<string>(Command.copyPath, id), path);
    assert.equal(await vscode.env.clipboard.readText(), path);
    const report = vscode.Uri.file(join(workspaceFolder(), 'report.md'));
    await run(Command.compareFileWithSnapshot, report, id);
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    assert.ok(input instanceof vscode.TabInputTextDiff);
    assert.equal(await run<string>(Command.copyPath, input.original), join(path, 'report.md'));
    const gone = input.original.with({ path: `${input.original.path}.none` });
    await assert.rejects(async () => run(Command.copyPath, gone), /not in snapshot/);
    await closeEditors();
  });

  it('changes the location, and the next backup goes there', async () => {
    const root = join(scratch.path, 'second disk');
    try {
      const answer = await run<{ location: string }>(Command.changeLocation, vscode.Uri.file(root));
      assert.deepEqual(answer, { location: root });
      const { path } = await backUp();
      assert.ok(path.startsWith(`${root}/`), path);
      assertSame(workspaceFolder(), path);
    } finally {
      const settings = vscode.workspace.getConfiguration('phlb.backup');
      await settings.update('location', undefined, vscode.ConfigurationTarget.Global);
    }
    assert.ok((await backUp()).path.startsWith(`${backupRoot()}/`));
  });

  async function snapshots<N extends 1 | 2 | 3>(
    count: N,
  ): Promise<{ 1: [Snapshot]; 2: [Snapshot, Snapshot]; 3: [Snapshot, Snapshot, Snapshot] }[N]> {
    const all: BackupResult[] = [];
    for (let n = 0; n < count; n++) {
      writeFileSync(join(folder, 'own.txt'), `own ${n} ${folder}`.repeat(300));
      const reply = await run<BackupReply>(Command.backupFolder, vscode.Uri.file(folder));
      all.push(...reply.snapshots);
    }
    return all as ReturnType<typeof snapshots<N>> extends Promise<infer R> ? R : never;
  }

  function copyOf({ path }: Snapshot): string {
    const copy = join(scratch.path, 'copy');
    rmSync(copy, { recursive: true, force: true });
    execFileSync('cp', ['-a', path, copy]);
    return copy;
  }
});

/** The judge is not PHLB. */
function assertSame(expected: string, actual: string): void {
  const { status, stdout, stderr } = spawnSync('diff', ['-r', '--no-dereference', expected, actual]);
  assert.equal(status, 0, `${stdout.toString()}${stderr.toString()}`);
}
