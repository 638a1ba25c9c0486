import assert from 'node:assert/strict';
import {
  isSafeRelative,
  namedAmong,
  nameOfPath,
  pathKey,
  portable,
  relativeInside,
} from '../../src/engine/words/names.js';
import { chooseSource, folderName } from '../../src/engine/store/sources.js';

describe('Paths of Windows, wherever they are read', () => {
  it('are inside of a folder in any spelling, else the versions of a file are found by one program and not by another', () => {
    const file = 'c:\\Users\\Anna\\Work\\Größe\\a.txt';
    for (const folder of ['C:\\Users\\Anna\\Work', 'c:/users/anna/work/', 'C:\\USERS\\ANNA\\WORK\\']) {
      assert.equal(relativeInside(folder, file), 'Größe/a.txt', folder);
    }
    assert.equal(relativeInside('C:\\', 'c:\\a.txt'), 'a.txt');
    assert.equal(relativeInside('C:\\work', 'C:\\work'), '');
    assert.equal(relativeInside('\\\\server\\share', '\\\\SERVER\\Share\\a\\b'), 'a/b');
    // One letter whose lower case is two.
    assert.equal(relativeInside('C:\\İstanbul', 'c:\\i\u0307STANBUL\\a'), 'a');
  });

  it('are not inside of what only begins like the folder, or is of another system', () => {
    for (const [folder, path] of [
      ['C:\\work', 'C:\\workshop\\a'],
      ['C:\\work\\a', 'C:\\work'],
      ['C:\\work', 'D:\\work\\a'],
      ['C:\\', '/c:/a'],
      ['/', 'C:\\a'],
    ] as const) {
      assert.equal(relativeInside(folder, path), undefined, `${folder} ${path}`);
    }
  });

  it('keep a backslash where it is part of a name', () => {
    assert.equal(relativeInside('/work', '/work/a\\b'), 'a\\b');
    assert.equal(pathKey('/Work/a\\B'), '/Work/a\\B');
    assert.equal(portable('a\\b', 'linux'), 'a\\b');
    assert.equal(portable('a\\b', 'win32'), 'a/b');
    assert.equal(nameOfPath('/work/a\\b'), 'a\\b');
    assert.equal(nameOfPath('C:\\work\\a.txt'), 'a.txt');
  });

  it('that a Linux file could lead out with are not safe there', () => {
    for (const path of ['..\\..\\evil', 'a/..\\b', 'c:\\windows', 'c:', 'a:stream', 'what?']) {
      assert.ok(isSafeRelative(path, 'linux'), path);
      assert.ok(!isSafeRelative(path, 'win32'), path);
    }
    for (const path of ['a/../b', '../b', '/b', 'a//b', '']) assert.ok(!isSafeRelative(path, 'linux'), path);
  });

  it('name what is spelled just so, and else what differs in case only', () => {
    const known = ['Report.TXT', 'src/a.ts', 'src/A.ts'];
    assert.equal(namedAmong(known, 'report.txt', 'win32'), 'Report.TXT');
    assert.equal(namedAmong(known, 'src/A.ts', 'win32'), 'src/A.ts');
    assert.equal(namedAmong(known, 'other', 'win32'), 'other');
    assert.equal(namedAmong(known, 'report.txt', 'linux'), 'report.txt');
  });
});

describe('The name of a source', () => {
  it('is taken from its folder, drive or share, and never one that Windows cannot have', () => {
    const names = {
      '/home/anna/documents': 'documents',
      '/': 'root',
      'C:\\': 'C',
      'd:/': 'd',
      'C:\\Users\\Anna': 'Anna',
      '\\\\server\\share': 'share',
      '\\\\server\\share\\': 'share',
      '/srv/CON': 'CON_',
      '/srv/lpt1.txt': 'lpt1.txt_',
      '/srv/.phlb': '.phlb_',
      '/srv/dots...': 'dots',
      '/srv/a:b?': 'a_b_',
    };
    for (const [path, name] of Object.entries(names)) assert.equal(folderName(path), name, path);
  });

  it('stays when the path is spelled in another way, else a second history begins', () => {
    const rules = { exclude: [], useGitignore: false, maxFileSize: null, oneFileSystem: false };
    const sourceAt = (name: string, path: string) => ({ name, host: 'h', path, rules, unstableInodes: false });
    const entries = [sourceAt('work', 'C:\\Work'), sourceAt('share', '\\\\Server\\share'), sourceAt('x', '/x')];
    const chosen = (path: string): unknown =>
      chooseSource(entries, { host: 'h', path, spellings: [], name: undefined, adopt: false }, []);
    assert.deepEqual(chosen('c:\\work'), { known: entries[0] });
    assert.deepEqual(chosen('\\\\server\\SHARE'), { known: entries[1] });
    assert.deepEqual(chosen('/X'), { name: 'X-2' }, 'but not on Linux');
  });
});
