import * as assert from 'node:assert/strict';
import { Minimatch } from 'minimatch';
import { globOf } from '../../src/commands/find/find-glob.js';

describe('What is typed into the search', () => {
  const finds = (typed: string, path: string): boolean => {
    const glob = globOf(typed);
    assert.ok(glob !== undefined, typed);
    const name = glob.includes('/') ? path : path.slice(path.lastIndexOf('/') + 1);
    return new Minimatch(glob, { dot: true, nonegate: true, nocomment: true }).match(name);
  };

  it('finds a word anywhere in a name, in either case, else one must know the whole name', () => {
    for (const typed of ['report', 'REPORT', 'eport.m', ' report ', 'Report.MD']) {
      assert.ok(finds(typed, 'notes/Yearly report.md'), typed);
    }
    assert.equal(finds('budget', 'notes/report.md'), false);
    assert.ok(finds('größe', 'GRÖßE.txt'));
  });

  it('finds a piece of a path', () => {
    assert.ok(finds('letters/inv', 'old/letters/invitation.md'));
    assert.ok(finds('/letters/inv', 'letters/invitation.md'));
    assert.equal(finds('letters/inv', 'letters/old/invitation.md'), false);
  });

  it('takes characters of names as they are, else "report (1)" is not found', () => {
    for (const name of ['report (1).md', '(1) x', '!important', '@home', 'a+b', 'x]y}z', '#1', 'c^2', '$x|y', '日本']) {
      assert.ok(finds(name, name), name);
    }
  });

  it('takes a pattern as it is', () => {
    assert.equal(globOf('*.md'), '*.md');
    assert.equal(globOf('letters/**'), 'letters/**');
    assert.equal(globOf('*.{md,txt}'), '*.{md,txt}');
  });

  it('is no search where nothing is typed', () => {
    for (const typed of ['', '  ', '/', './', '.']) assert.equal(globOf(typed), undefined);
  });
});
