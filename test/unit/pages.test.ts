import * as assert from 'node:assert/strict';
import { allPages, pageOf, PAGE_SIZE } from '../../src/commands/compare/pages.js';

const list = Array.from({ length: 2 * PAGE_SIZE + 7 }, (_, at) => at);

describe('Pages of a long list', () => {
  it('hold each item once, and say truly which they are', () => {
    const pages = allPages(list);
    assert.deepEqual(
      pages.flatMap(({ items }) => items),
      list,
    );
    assert.deepEqual(
      pages.map(({ first, last, total, next }) => [first, last, total, next]),
      [
        [1, 100, 207, 100],
        [101, 200, 207, 7],
        [201, 207, 207, 0],
      ],
    );
  });

  it('are one where all fits in, else a click leads to nothing', () => {
    const full = list.slice(0, PAGE_SIZE);
    assert.deepEqual(allPages(full), [pageOf(full, 0)]);
    assert.equal(pageOf(full, 0).next, 0);
    assert.deepEqual(pageOf([], 0), { items: [], first: 1, last: 0, total: 0, next: 0 });
  });
});
