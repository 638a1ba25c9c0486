import * as assert from 'node:assert/strict';
import { fromPage } from '../../src/views/storage/from-page.js';
import { timeLabel } from '../../src/views/storage/page/time-axis.js';
import { savedPercent } from '../../src/views/storage/saved.js';

const at = (text: string): number => Date.parse(text) / 1000;
const english = { language: 'en', locale: 'en-US', timeZone: 'UTC' };

describe('The storage page', () => {
  it('says of what is saved no more than the two numbers beside it, else they contradict each other', () => {
    assert.equal(savedPercent(1000, 220), 78);
    assert.equal(savedPercent(5_000, 600_000), undefined, 'folders take more than so few files save');
    assert.equal(savedPercent(1000, 999), undefined);
    assert.equal(savedPercent(0, 4096), undefined);
  });

  it('has a date below times of day, once for each day, else a chart of one evening is of any', () => {
    const hours = ['2016-01-07T18:00Z', '2016-01-07T21:00Z', '2016-01-08T00:00Z', '2016-01-08T03:00Z'].map(at);
    assert.deepEqual(timeLabel(hours, english), ['18:00\nJan 7', '21:00', '00:00\nJan 8', '03:00']);
  });

  it('has a year below days and months', () => {
    const days = ['2015-12-30T00:00Z', '2015-12-31T00:00Z', '2016-01-01T00:00Z'].map(at);
    assert.deepEqual(timeLabel(days, english), ['Dec 30\n2015', 'Dec 31', 'Jan 1\n2016']);
    const months = ['2015-11-01T00:00Z', '2015-12-01T00:00Z', '2016-01-01T00:00Z'].map(at);
    assert.deepEqual(timeLabel(months, { ...english, language: 'de', locale: 'de' }), [
      'Nov\n2015',
      'Dez',
      'Jan\n2016',
    ]);
    assert.deepEqual(timeLabel([at('2015-01-01T00:00Z'), at('2016-01-01T00:00Z')], english), ['2015', '2016']);
  });

  it('has labels whatever the system calls its locale and its time zone, else the page stays blank', () => {
    const odd = { language: 'en', locale: 'en-US@posix', timeZone: 'Nowhere/At All' };
    assert.equal(timeLabel([at('2016-06-01T12:00Z'), at('2019-06-01T12:00Z')], odd)[0], '2016');
  });

  it('takes no message for one of its own that is not, else a name in a store could have commands run', () => {
    assert.deepEqual(fromPage({ kind: 'row', action: 'label', id: 'd/1', more: 1 }), {
      kind: 'row',
      action: 'label',
      id: 'd/1',
    });
    assert.deepEqual(fromPage({ kind: 'action', action: 'prune' }), { kind: 'action', action: 'prune' });
    const wrong = [
      ...[undefined, null, 'ready', 7, [], { kind: 'other' }, { kind: 'shown' }, { kind: 'shown', report: '1' }],
      ...[
        { kind: 'action', action: 'forgetSource' },
        { kind: 'action', action: ['prune'] },
      ],
      ...[
        { kind: 'row', action: 'delete' },
        { kind: 'row', action: 'delete', id: ['d/1'] },
      ],
      ...[
        { kind: 'row', action: 'constructor', id: 'd/1' },
        { kind: 'failed', text: {} },
      ],
    ];
    for (const data of wrong) assert.equal(fromPage(data), undefined, JSON.stringify(data));
  });
});
