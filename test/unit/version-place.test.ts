import * as assert from 'node:assert/strict';
import { nextTo, placeOf, type Direction } from '../../src/commands/compare/version-place.js';
import type { SnapshotInfo } from '../../src/engine/words/model.js';

const snapshots = ['s1', 's2', 's3', 'safety', 's4', 's5'].map(
  id => ({ id, kind: id === 'safety' ? 'safety' : 'snapshot' }) as SnapshotInfo,
);
/** Newest first: written, changed, renamed, changed once more. */
const versions = [
  { snapshot: 's5', path: 'report.md' },
  { snapshot: 's3', path: 'report.md' },
  { snapshot: 's2', path: 'draft.md' },
  { snapshot: 's1', path: 'draft.md' },
];

describe('From version to version', () => {
  it('goes through all of them in both directions, under every name', () => {
    assert.deepEqual(walk('s5', 'report.md', 'older'), ['s3', 's2', 's1']);
    assert.deepEqual(walk('s1', 'draft.md', 'newer'), ['s2', 's3', 's5']);
  });

  it('begins at the version that a later snapshot holds, else it stands still for a step', () => {
    assert.deepEqual(walk('s4', 'report.md', 'older'), ['s2', 's1']);
    assert.deepEqual(walk('s4', 'report.md', 'newer'), ['s5']);
  });

  it('takes what a restore has saved for none of them, else one is passed over', () => {
    assert.deepEqual(walk('safety', 'report.md', 'older'), ['s3', 's2', 's1']);
    assert.deepEqual(walk('safety', 'report.md', 'newer'), ['s5']);
  });

  it('finds its way by time where the name is not known', () => {
    assert.deepEqual(walk('s2', 'other.md', 'newer'), ['s3', 's5']);
    assert.deepEqual(walk('s2', 'other.md', 'older'), ['s2', 's1']);
  });

  it('passes over the snapshots of another source, whose times say nothing here', () => {
    const [first] = snapshots;
    const place = placeOf(
      [{ snapshot: 'elsewhere', path: 'draft.md' }],
      { snapshot: first!, path: 'draft.md' },
      snapshots,
    );
    assert.deepEqual(place, { at: 1, isVersion: false });
    assert.equal(nextTo(place, 'newer', 1), 0);
  });
});

function walk(from: string, name: string, direction: Direction): string[] {
  const visited: string[] = [];
  for (let at = { id: from, path: name }; ;) {
    const snapshot = snapshots.find(({ id }) => id === at.id) ?? assert.fail(at.id);
    const to = nextTo(placeOf(versions, { snapshot, path: at.path }, snapshots), direction, versions.length);
    const version = to === undefined ? undefined : versions[to];
    if (!version) return visited;
    visited.push(version.snapshot);
    at = { id: version.snapshot, path: version.path };
  }
}
