import * as assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findInTree, listTree, readInTree, statInTree, TreeError } from '../../src/host/catalog/snapshot-tree.js';

describe('Reading a stored tree', () => {
  let scratch: string;
  let tree: string;

  before(() => {
    scratch = mkdtempSync(join(tmpdir(), 'phlb-tree-'));
    tree = join(scratch, 'tree');
    mkdirSync(join(tree, 'letters'), { recursive: true });
    mkdirSync(join(scratch, 'outside'));
    writeFileSync(join(scratch, 'outside', 'secret.txt'), 'secret');
    writeFileSync(join(tree, 'letters', 'brief.txt'), 'Dear reader');
    symlinkSync('../outside/secret.txt', join(tree, 'link'));
    symlinkSync('../outside', join(tree, 'folder-link'));
  });
  after(() => rmSync(scratch, { recursive: true, force: true }));

  it('gives files and folders as they are', async () => {
    assert.equal((await readInTree(tree, 'letters/brief.txt')).toString(), 'Dear reader');
    assert.deepEqual(await listTree(tree, 'letters'), [{ name: 'brief.txt', type: 'file' }]);
    assert.equal((await statInTree(tree, '')).type, 'dir');
  });

  it('gives the text of a link, else a past link would show a file of today', async () => {
    assert.equal((await readInTree(tree, 'link')).toString(), '../outside/secret.txt');
    const stat = await statInTree(tree, 'link');
    assert.deepEqual([stat.type, stat.size], ['link', '../outside/secret.txt'.length]);
  });

  it('never leaves the tree, else a stored link opens any file of the disk', async () => {
    for (const path of ['folder-link/secret.txt', '../outside/secret.txt', 'letters/../../outside/secret.txt']) {
      await assert.rejects(readInTree(tree, path), error => TreeError.is(error), path);
    }
    await assert.rejects(listTree(tree, 'folder-link'), error => TreeError.is(error, 'notADirectory'));
  });

  it('lists a large folder whole, and lets others work in between', async () => {
    const large = join(tree, 'large');
    mkdirSync(large);
    const names = Array.from({ length: 5000 }, (_, at) => `größe ${at}`);
    for (const name of names) writeFileSync(join(large, name), '');
    let turns = 0;
    const turn = setInterval(() => turns++, 1);
    const entries = await listTree(tree, 'large');
    clearInterval(turn);
    assert.deepEqual(entries.map(({ name }) => name).sort(), names.toSorted());
    assert.ok(turns >= 1);
    rmSync(large, { recursive: true });
  });

  it('tells what is not there from what cannot be read', async () => {
    assert.equal(await findInTree(tree, 'letters/none'), undefined);
    assert.equal(await findInTree(tree, 'letters/brief.txt/none'), undefined);
    await assert.rejects(readInTree(tree, 'letters'), error => TreeError.is(error, 'isADirectory'));
  });

  it('lists names that are not UTF-8, and reads what they name', async function () {
    if (process.platform !== 'linux') this.skip();
    const name = Buffer.concat([Buffer.from(`${tree}/`), Buffer.from([0x66, 0xff])]);
    writeFileSync(name, 'bytes');
    const entry = (await listTree(tree, '')).find(({ name }) => !name.isWellFormed());
    assert.equal(entry?.name, 'f\udcff');
    assert.equal((await readInTree(tree, 'f\udcff')).toString(), 'bytes');
    rmSync(name);
  });
});
