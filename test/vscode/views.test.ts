import * as assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import type { BackupRequest, StoreLocation } from '../../src/engine/words/model.js';
import { Catalog, previousSnapshot } from '../../src/host/catalog/catalog.js';
import { Configuration } from '../../src/host/editor/configuration.js';
import { DateFormat } from '../../src/host/editor/dates.js';
import { SnapshotChanges } from '../../src/host/catalog/snapshot-changes.js';
import type { Node } from '../../src/views/nodes/node.js';
import type { NodeServices } from '../../src/views/nodes/services.js';
import { SourceNode } from '../../src/views/nodes/source-node.js';
import { EngineClient } from '../../src/worker/client.js';
import { scratchFolder } from './workspace.js';

describe('The nodes of the Snapshots view', () => {
  let scratch: ReturnType<typeof scratchFolder>;
  let engine: EngineClient;
  let location: StoreLocation;
  let services: NodeServices;
  let changesOnly = false;
  let diffMayStart = Promise.resolve();
  let refreshed: Promise<Node>;
  const ids: Record<string, string> = {};

  before(async () => {
    scratch = scratchFolder();
    const { extensionPath } = vscode.extensions.getExtension('phlb.phlb') ?? assert.fail();
    engine = new EngineClient(join(extensionPath, 'dist', 'worker.js'));
    location = {
      root: join(scratch.path, 'root'),
      index: join(scratch.path, 'index'),
      state: join(scratch.path, 'state'),
    };
    write({ 'report.md': 'one', 'letters/a.txt': 'a letter', 'kept/same.txt': 'same', 'x.log': 'log' });
    await backUp('first');
    write({ 'report.md': 'two' });
    await backUp('broken');
    write({ 'report.md': 'three' });
    rmSync(join(scratch.path, 'work', 'letters'), { recursive: true });
    await backUp('third');
    write({ 'report.md': 'four' });
    await engine.call('restore', { location, snapshot: id('third'), paths: ['report.md'] });
    write({ 'moved/same.txt': 'same' });
    rmSync(join(scratch.path, 'work', 'kept'), { recursive: true });
    await backUp('last', { exclude: ['*.log'], useGitignore: false, maxFileSize: null, oneFileSystem: false });
    writeFileSync(join(location.root, '.phlb', 'manifests', `${id('broken')}.json`), 'nonsense');

    const dates = new DateFormat('en', () => 'en-US');
    const catalog = new Catalog(engine, new PlacedConfiguration(location));
    let refresh: (node: Node) => void = () => undefined;
    refreshed = new Promise(resolve => (refresh = resolve));
    services = {
      catalog,
      dates,
      collator: dates.collator(),
      changes: new SnapshotChanges(
        async (older, newer, limit) => {
          await diffMayStart;
          return engine.call('diff', { location, snapshot: older, other: newer, limit });
        },
        (_, error) => assert.fail(String(error)),
      ),
      entryOf: async (snapshot, path) => (await engine.call('ls', { location, snapshot, path })).entries[0],
      changesOnly: () => changesOnly,
      refresh: node => refresh(node),
    };
  });

  after(async () => {
    await engine.dispose();
    scratch.remove();
  });

  afterEach(() => (changesOnly = false));

  it('tell kinds apart that menus treat differently, else one restores or deletes what is none', async () => {
    const found = await snapshots();
    assert.deepEqual(
      found.map(({ item }) => item.contextValue),
      ['snapshot', 'snapshot', 'snapshot.broken', 'snapshot', 'snapshot.safety'],
    );
    assert.match(String(found[3]?.item.description), /^4 files/);
    const [source] = await sourceNodes(true);
    const group = (await source?.getChildren())?.at(-1)?.getTreeItem();
    assert.deepEqual([group?.label, group?.description], ['Before restores', '1']);
    assert.equal(group?.collapsibleState, vscode.TreeItemCollapsibleState.Collapsed);
    assert.match(String(found[4]?.item.label), /^Today \d\d:\d\d$/);
    assert.match(String(found[4]?.item.description), /^before restoring report\.md( · |$)/);
    assert.equal(source?.getTreeItem().contextValue, 'source');
    assert.match(String(source?.getTreeItem().tooltip), /4 snapshots, 1 before restores/);
    assert.equal(source?.sourceName, 'work');
    const [remote] = await sourceNodes(false);
    assert.equal(remote?.getTreeItem().contextValue, 'source.remote');
  });

  it('compare with a snapshot that was asked for and can be read, never with what a restore has saved', async () => {
    const { sources } = await services.catalog.list();
    const source = sources[0] ?? assert.fail();
    const before = (name: string): string | undefined => {
      const snapshot = source.snapshots.find(candidate => candidate.id === id(name)) ?? assert.fail();
      return previousSnapshot(source, snapshot)?.id;
    };
    assert.deepEqual([before('last'), before('third'), before('first')], [id('third'), id('first'), undefined]);
  });

  it('show the files at once and the marks when they are known, else a large snapshot opens late', async () => {
    let startDiff: () => void = assert.fail;
    diffMayStart = new Promise(resolve => (startDiff = resolve));
    const [last] = await snapshots();
    const first = items(await last?.node.getChildren());
    assert.deepEqual(Object.keys(first), ['moved', 'report.md']);
    assert.equal(first['moved']?.resourceUri?.query, '');
    startDiff();
    assert.equal(await refreshed, last?.node);
    const then = items(await last?.node.getChildren());
    assert.equal(then['moved']?.resourceUri?.query, 'change=added');
    assert.equal(then['report.md']?.resourceUri?.query, '', 'its content is that of the snapshot before');
    assert.equal(then['moved']?.id, first['moved']?.id, 'an open folder would close');
  });

  it('show what has changed only, each with what became of it', async () => {
    changesOnly = true;
    const [last, third, , , safety] = await snapshots();
    const top = items(await last?.node.getChildren());
    assert.deepEqual(
      Object.entries(top).map(([name, item]) => `${name} ${item.contextValue} ${item.resourceUri?.query}`),
      ['kept folder.deleted change=removed', 'moved folder change=added', 'x.log file.deleted change=unstored'],
    );
    assert.equal(top['x.log']?.description, 'no longer stored');
    const gone = items(await third?.node.getChildren())['letters'];
    assert.equal(gone?.collapsibleState, vscode.TreeItemCollapsibleState.Collapsed);
    assert.match(gone?.accessibilityInformation?.label ?? '', /^letters, folder, Deleted since/);
    assert.deepEqual(Object.keys(items(await safety?.node.getChildren())), ['report.md'], 'compared with nothing');
  });

  it('say in their tooltips what is not beside them already', async () => {
    const [last, third, , first, safety] = await snapshots();
    await third?.node.getChildren();
    const lines = (node: Node | undefined): string[] => String(node?.getTreeItem().tooltip).split('\n');
    const [, files, changed, stored, path] = lines(third?.node);
    assert.match(files ?? '', /^3 files, \d+ bytes$/);
    assert.equal(changed, 'Since the previous snapshot: 1 modified, 1 deleted');
    assert.equal(stored, '5 bytes newly stored for it');
    assert.equal(path, join(location.root, id('third')));
    assert.deepEqual(lines(safety?.node).slice(1, 3), [
      'before restoring report.md',
      'What a restore replaced, as it was before',
    ]);
    assert.equal(lines(first?.node)[2], 'The first snapshot: everything in it is new');
    const open = (await last?.node.getChildren()) ?? [];
    const report = open.find(node => node.getTreeItem().label === 'report.md') ?? assert.fail();
    assert.equal(report.getTreeItem().tooltip, undefined, 'it would not be asked for');
    const [size, modified, ...rest] = ((await report.findTooltip?.(new AbortController().signal)) ?? []).filter(
      line => line !== '',
    );
    assert.equal(size, '5 bytes');
    assert.match(modified ?? '', /^Modified \w+day, /);
    assert.deepEqual(rest, [], 'neither its name again nor a change');
  });

  it('open what has changed beside what it was, and a new or a deleted file as it is', async () => {
    changesOnly = true;
    const [last, third] = await snapshots();
    const clicked = (item: vscode.TreeItem | undefined): string | undefined => item?.command?.command;
    assert.equal(clicked(items(await third?.node.getChildren())['report.md']), 'phlb.compareWithPrevious');
    assert.equal(clicked(items(await last?.node.getChildren())['x.log']), 'phlb.openFile');
    const moved = (await last?.node.getChildren())?.find(node => node.getTreeItem().label === 'moved');
    assert.match(clicked(items(await moved?.getChildren())['same.txt']) ?? '', /compareWithPrevious/);
    changesOnly = false;
    assert.equal(clicked(items(await last?.node.getChildren())['report.md']), 'phlb.openFile', 'it has not changed');
  });

  it('give a deleted file the address in the snapshot before, else it cannot be brought back', async () => {
    changesOnly = true;
    const [last] = await snapshots();
    const log = (await last?.node.getChildren())?.find(node => node.getTreeItem().label === 'x.log') ?? assert.fail();
    assert.ok('uri' in log && log.uri instanceof vscode.Uri);
    const found = await services.catalog.resolve(log.uri);
    assert.deepEqual([found?.snapshot.id, found?.path], [id('third'), 'x.log']);
  });

  function write(files: Record<string, string>): void {
    for (const [name, text] of Object.entries(files)) {
      const path = join(scratch.path, 'work', name);
      mkdirSync(dirname(path), { recursive: true });
      // Another inode each time: no state of a file is taken for an older one.
      writeFileSync(`${path}.new`, text);
      renameSync(`${path}.new`, path);
    }
  }

  async function backUp(name: string, rules?: BackupRequest['rules']): Promise<void> {
    const request = { location, source: join(scratch.path, 'work'), checksum: true, ...(rules ? { rules } : {}) };
    ids[name] = (await engine.call('backup', request)).id ?? assert.fail();
  }

  function id(name: string): string {
    return ids[name] ?? assert.fail(name);
  }

  async function sourceNodes(local: boolean): Promise<SourceNode[]> {
    const { storeId, sources } = await services.catalog.list();
    return sources.map(source => new SourceNode(services, storeId, { ...source, local }, false));
  }

  /** Newest first. */
  async function snapshots(): Promise<{ node: Node; item: vscode.TreeItem }[]> {
    const [source] = await sourceNodes(true);
    const days = (await source?.getChildren()) ?? [];
    const nodes = (await Promise.all(days.map(day => day.getChildren()))).flat();
    return nodes.map(node => ({ node, item: node.getTreeItem() }));
  }

  function items(nodes: Node[] = []): Record<string, vscode.TreeItem> {
    return Object.fromEntries(nodes.map(node => [String(node.getTreeItem().label), node.getTreeItem()]));
  }
});

/** The settings, but for the place of the store. */
class PlacedConfiguration extends Configuration {
  constructor(private readonly at: StoreLocation) {
    super(at.index);
  }

  override location(): StoreLocation {
    return this.at;
  }
}
