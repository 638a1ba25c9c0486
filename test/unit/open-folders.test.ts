import * as assert from 'node:assert/strict';
import type { SnapshotInfo, SourceInfo } from '../../src/engine/words/model.js';
import { viewedSources } from '../../src/host/catalog/open-folders.js';

describe('The folders of the Snapshots view', () => {
  const source = (path: string, snapshots = 1, local = true): SourceInfo => ({
    ...{ name: path.slice(1), source: path, local },
    snapshots: Array.from({ length: snapshots }, () => ({}) as SnapshotInfo),
  });
  const seen = (folders: string[], sources: SourceInfo[]): unknown => {
    const { open, others } = viewedSources(folders, sources);
    const names = (of: SourceInfo[]): string[] => of.map(({ name }) => name);
    return { open: open.map(one => [one.folder, ...names(one.sources)]), others: names(others) };
  };

  it('begin with the open ones in their order, with or without a snapshot, else a second project is not to be seen', () => {
    assert.deepEqual(seen(['/new', '/work'], [source('/music'), source('/work')]), {
      open: [['/new'], ['/work', 'work']],
      others: ['music'],
    });
  });

  it('take another computer’s folder of the same path for another one', () => {
    assert.deepEqual(seen(['/work'], [source('/work', 1, false)]), { open: [['/work']], others: ['work'] });
  });

  it('leave out what has no snapshot, but tell an open folder whose snapshots were deleted from a new one', () => {
    const sources = [source('/work', 0), source('/music', 0)];
    assert.deepEqual(seen(['/work', '/new'], sources), { open: [['/work'], ['/new']], others: [] });
    const { open } = viewedSources(['/work', '/new'], sources);
    assert.deepEqual(
      open.map(({ hadSnapshots }) => hadSnapshots),
      [true, false],
    );
  });
});
