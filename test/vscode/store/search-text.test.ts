import * as assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { Command, type PhlbApi, type SnapshotItem, type TextSearchReply } from '../../../src/contributions.js';
import { Catalog } from '../../../src/host/catalog/catalog.js';
import { TextSearch } from '../../../src/host/catalog/text-search.js';
import { Configuration } from '../../../src/host/editor/configuration.js';
import { DateFormat } from '../../../src/host/editor/dates.js';
import type { Node } from '../../../src/views/nodes/node.js';
import { SearchView } from '../../../src/views/search/search-view.js';
import { EngineClient } from '../../../src/worker/client.js';
import { activeTab, api, backUp, callApi, closeEditors, waitFor, workspaceFolder } from '../workspace.js';

/** What would be markup where the editor understood it so. */
const HOSTILE = '[rent](command:phlb.forgetSource) $(trash) \u202e needleinhay';

describe('Searching text in snapshots', () => {
  let phlb: PhlbApi;
  let folder: string;
  const file = (name: string): string => join(folder, name);

  before(async () => {
    phlb = await api();
    folder = join(workspaceFolder(), 'haystack');
    mkdirSync(join(folder, 'deep [x]'), { recursive: true });
    writeFileSync(file('kept.ts'), 'const a = 1;\n\tconst NeedleInHay = 2;\n');
    writeFileSync(file('deep [x]/$(trash) [n](command:x).md'), `${HOSTILE}\n`);
    writeFileSync(file('lost.ts'), 'needleinhay\n');
    writeFileSync(file('binary.dat'), Buffer.from([0, 1, 2, 3]));
    await backUp();
    writeFileSync(file('kept.ts'), 'const a = 1;\n');
    rmSync(file('lost.ts'));
    await backUp();
  });
  afterEach(async () => {
    await phlb.clearSearch();
    await closeEditors();
  });
  after(() => rmSync(folder, { recursive: true }));

  it('tells a script how much there is, and where only what it asks for', async () => {
    const reply = await phlb.searchText('needleinhay');
    assert.deepEqual([reply?.files, reply?.matches, reply?.complete, reply?.errors], [3, 3, true, []]);
    assert.ok((reply?.binary ?? 0) > 0);
    const below = await phlb.searchText('needleinhay', vscode.Uri.file(file('deep [x]')));
    assert.deepEqual([below?.files, below?.matches], [1, 1]);
    const exact = await phlb.searchText('NeedleInHay', undefined, { matchCase: true });
    assert.equal(exact?.matches, 1);
    const pattern = await phlb.searchText(String.raw`^needle\w+$`, undefined, { regex: true, deletedOnly: true });
    assert.equal(pattern?.matches, 1);
    assert.equal((await phlb.searchText('needle', undefined, { wholeWord: true }))?.matches, 0);
  });

  it('rejects with one reason for what cannot be looked for, or where', async () => {
    await assert.rejects(phlb.searchText(''), /There is no text to look for/);
    await assert.rejects(phlb.searchText('(', undefined, { regex: true }), /Not a regular expression/);
    await assert.rejects(phlb.searchText('x', vscode.Uri.file('/nowhere/at/all')), /No snapshot holds this folder/);
  });

  it('is replaced by a new search, and ended by the view’s button and by putting it away', async () => {
    const replaced = phlb.searchText('needleinhay');
    const [first, second] = await Promise.all([replaced, phlb.searchText('lost and gone')]);
    assert.equal(first, undefined);
    assert.equal(second?.matches, 0);
    for (const end of [phlb.cancelSearch, phlb.clearSearch]) {
      const ended = phlb.searchText('needleinhay');
      await end();
      assert.equal(await ended, undefined);
    }
  });

  it('looks for the selection as it is written', async () => {
    const document = await vscode.workspace.openTextDocument({ content: 'x\n  NeedleInHay\n' });
    const editor = await vscode.window.showTextDocument(document);
    await assert.rejects(phlb.searchSelection(), /First select the text/);
    editor.selection = new vscode.Selection(0, 1, 2, 0);
    assert.equal((await phlb.searchSelection())?.matches, 1);
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  describe('in its view', () => {
    let engine: EngineClient;
    let search: TextSearch;
    let catalog: Catalog;
    let view: SearchView;

    before(() => {
      const { extensionPath } = vscode.extensions.getExtension('phlb.phlb') ?? assert.fail();
      const configuration = new Configuration(join(workspaceFolder(), '..', 'search-index'));
      engine = new EngineClient(join(extensionPath, 'dist', 'worker.js'));
      catalog = new Catalog(engine, configuration);
      search = new TextSearch(engine, catalog, configuration);
      view = new SearchView(search, new DateFormat('en', () => 'en-US'));
    });
    after(async () => {
      search.clear();
      for (const one of [view, search, catalog]) one.dispose();
      await engine.dispose();
    });

    const find = async (pattern: string): Promise<TextSearchReply> => search.run({ pattern });
    const rows = async (node?: Node): Promise<{ node: Node; item: vscode.TreeItem }[]> =>
      (await view.getChildren(node)).map(child => ({ node: child, item: view.getTreeItem(child) }));
    const labelOf = ({ label }: vscode.TreeItem): string => (typeof label === 'string' ? label : (label?.label ?? ''));

    it('shows names and texts as they are read, with what was looked for standing out', async () => {
      await find('needleinhay');
      const files = await rows();
      const hostile = files.find(({ item }) => labelOf(item).includes('trash')) ?? assert.fail();
      assert.doesNotMatch(labelOf(hostile.item), /\$\(|\]\(/);
      assert.doesNotMatch(String(hostile.item.description), /\$\(|\]\(/);
      const [line] = await rows(hostile.node);
      const label = line?.item.label;
      assert.ok(typeof label === 'object');
      assert.doesNotMatch(label.label, /\$\(|\]\(|\u202e/);
      assert.deepEqual(
        label.highlights?.map(range => label.label.slice(...range)),
        ['needleinhay'],
      );
    });

    it('opens the past file at the match', async () => {
      await find('NeedleInHay');
      const kept = (await rows()).find(({ item }) => labelOf(item) === 'kept.ts') ?? assert.fail();
      assert.match(String(kept.item.description), /gone today/);
      const [line] = await rows(kept.node);
      const { command, arguments: given = [] } = line?.item.command ?? assert.fail();
      await vscode.commands.executeCommand(command, ...given);
      const editor = await waitFor('the past file', () => {
        const active = vscode.window.activeTextEditor;
        return active?.document.uri.scheme === 'phlb' && !active.selection.isEmpty ? active : undefined;
      });
      assert.equal(editor.document.getText(editor.selection), 'NeedleInHay');
      assert.equal(editor.selection.start.line, 1);
      await callApi(Command.compareWithCurrent, line?.node as unknown as SnapshotItem);
      await waitFor('the comparison', () => activeTab()?.input instanceof vscode.TabInputTextDiff);
    });

    it('keeps what was found when it is cancelled, and says so', async () => {
      const ended = find('needleinhay');
      search.cancel();
      await assert.rejects(ended);
      assert.equal(search.current?.state, 'cancelled');
    });

    it('finds what another window has backed up just now', async () => {
      await find('fresh as a daisy');
      writeFileSync(file('fresh.ts'), 'fresh as a daisy\n');
      const { id } = await backUp();
      rmSync(file('fresh.ts'));
      await find('fresh as a daisy');
      const [row] = await rows();
      assert.equal(row && labelOf(row.item), 'fresh.ts');
      const { uri } = row?.node as unknown as SnapshotItem;
      assert.equal((await catalog.resolve(uri))?.snapshot.id, id);
    });

    it('marks a file that is gone, until it is there again', async () => {
      await find('needleinhay');
      const lost = async (): Promise<vscode.TreeItem> =>
        (await rows()).find(({ item }) => labelOf(item) === 'lost.ts')?.item ?? assert.fail();
      assert.match(String((await lost()).description), /file deleted/);
      writeFileSync(file('lost.ts'), 'again\n');
      assert.doesNotMatch(String((await lost()).description), /file deleted/);
      rmSync(file('lost.ts'));
    });
  });
});
