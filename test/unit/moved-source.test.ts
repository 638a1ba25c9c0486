import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { SnapshotInfo, SourceInfo } from '../../src/engine/words/model.js';
import { movedSource } from '../../src/host/catalog/moved-source.js';

describe('A source whose folder was moved', () => {
  let dir: string;

  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'phlb-moved-'))));
  afterEach(() => rmSync(dir, { recursive: true }));

  it('is found by what lies at the top of its newest snapshot', async () => {
    const old = source('project', ['package.json', 'src', 'README.md', 'test', 'docs']);
    const now = folder('elsewhere/renamed', ['package.json', 'src', 'README.md', 'new']);
    assert.equal(await movedSource(now, [source('other', ['a', 'b', 'c']), old]), old);
  });

  it('is none that is still there, of another computer, or hardly alike', async () => {
    const names = ['package.json', 'src'];
    const now = folder('new', [...names, 'README.md']);
    const copied = source('copied', names);
    mkdirSync(copied.source, { recursive: true });
    const foreign = { ...source('foreign', names), local: false };
    const alike = source('one', ['README.md', 'x', 'y', 'z']);
    const safetyOnly = { ...source('safety', names) };
    safetyOnly.snapshots = safetyOnly.snapshots.map(snapshot => ({ ...snapshot, kind: 'safety' }));
    assert.equal(await movedSource(now, [copied, foreign, alike, safetyOnly]), undefined);
  });

  it('is not asked for where the folder has a history of its own', async () => {
    const names = ['a', 'b'];
    const now = folder('new', names);
    const own = { ...source('new', names), source: now };
    assert.equal(await movedSource(now, [own, source('old', names)]), undefined);
  });

  it('is the most alike, of several the one of the same name', async () => {
    const now = folder('somewhere/site', ['index.html', 'style.css', 'img']);
    const fork = source('fork', ['index.html', 'style.css', 'img']);
    const site = source('site', ['index.html', 'style.css', 'img']);
    assert.equal(await movedSource(now, [fork, site]), site);
    const less = source('site-2', ['index.html', 'style.css', 'img', 'gone']);
    assert.equal(await movedSource(now, [less, fork]), fork);
  });

  it('moves with everything in it', async () => {
    const before = folder('work', ['one', 'two']);
    const old = { ...source('work', ['one', 'two']), source: before };
    renameSync(before, join(dir, 'moved'));
    assert.equal(await movedSource(join(dir, 'moved'), [old]), old);
  });

  function folder(path: string, names: readonly string[]): string {
    const made = join(dir, path);
    mkdirSync(made, { recursive: true });
    for (const name of names) writeFileSync(join(made, name), '');
    return made;
  }

  /** Of a folder that is gone. */
  function source(name: string, names: readonly string[]): SourceInfo {
    const path = folder(join('backups', name, '2026-01-01'), names);
    const snapshot = { id: `${name}/${basename(path)}`, kind: 'snapshot', path } as SnapshotInfo;
    return { name, source: join(dir, 'gone', name), local: true, snapshots: [snapshot] };
  }
});
