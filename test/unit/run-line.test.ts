import * as assert from 'node:assert/strict';
import type { BackupResult } from '../../src/engine/words/model.js';
import { failedRunLine, runLine } from '../../src/host/backup/run-line.js';
import { DateFormat } from '../../src/host/editor/dates.js';

const dates = new DateFormat('en', () => 'en-US');

describe('A run in the log', () => {
  it('is one line that says what, how much and how long, else the log does not tell a run from the next', () => {
    assert.equal(
      runLine(result({}), true, dates),
      'Automatic backup: /home/anna/documents as documents/2016-01-07-085247: 1,200 files, 3 of them new or changed, 1.2 MB newly stored, 2.3 s',
    );
  });

  it('tells one without a snapshot, one with errors and one that failed apart', () => {
    const nothing = result({ id: null, path: null, published: false, finishedAt: '2016-01-07T08:54:50.000Z' });
    assert.equal(
      runLine(nothing, false, dates),
      'Backup: /home/anna/documents: nothing has changed, 1,200 files, 2 min 3 s',
    );
    const errors = [{ path: 'x', code: 'EACCES', message: 'no' }];
    assert.match(runLine(result({ errors }), false, dates), /newly stored, 1 error, 2\.3 s$/);
    assert.equal(
      failedRunLine('/home/anna/documents', 'no room', 400, true),
      'Automatic backup: /home/anna/documents: failed after 0.4 s: no room',
    );
  });
});

function result(differs: Partial<BackupResult>): BackupResult {
  return {
    ...{ id: 'documents/2016-01-07-085247', name: 'documents', source: '/home/anna/documents' },
    ...{ path: '/backups/documents/2016-01-07-085247', published: true },
    ...{ startedAt: '2016-01-07T08:52:47.000Z', finishedAt: '2016-01-07T08:52:49.300Z' },
    ...{ files: 1200, directories: 10, symlinks: 0, bytes: 9_000_000 },
    ...{ unchangedFiles: 1197, linkedFiles: 1, copiedFiles: 2, copiedBytes: 1_234_567, linkedBytes: 10 },
    ...{ excluded: [], damaged: [], warnings: [], errors: [], notes: [] },
    ...differs,
  };
}
