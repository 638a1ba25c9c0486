import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { assertSameTrees } from '../support/judges.js';
import { Sandbox } from '../support/sandbox.js';
import { Windows } from './support/windows.js';

interface Listed {
  sources: { name: string; source: string; snapshots: { id: string }[] }[];
}

describe('Names and paths under Windows', () => {
  let windows: Windows;
  const devices: string[] = [];

  beforeEach(() => (windows = new Windows()));
  afterEach(() => {
    for (const device of devices.splice(0)) rmSync(device, { recursive: true });
    windows.dispose();
  });

  /** Makes a folder known to Windows as a drive or share. Returns the folder. */
  function mount(name: string): string {
    const folder = windows.path(`on-${name.replace(/\W+/g, '')}`);
    const device = join(process.env['WINEPREFIX'] ?? '', 'dosdevices', name);
    mkdirSync(folder);
    mkdirSync(join(device, '..'), { recursive: true });
    symlinkSync(folder, device);
    devices.push(device);
    return folder;
  }

  it('may be long, reserved by DOS, or end in a dot, and come back by restore as they were', () => {
    const deep = Array.from({ length: 9 }, (_, i) => `${i}`.repeat(50)).join('/');
    const odd = ['con', 'NUL.txt', 'com1', 'dot.', 'space ', '.hidden', 'a b & c (1) %PATH% ^.txt'];
    windows.write({ [`src/${deep}/leaf.txt`]: 'deep\n' });
    for (const name of odd) windows.write({ [`src/${name}`]: `${name}\n` });
    assert.ok(windows.win('src', deep).length > 460);
    const { id } = windows.backup(windows.win('src'));
    assertSameTrees(windows.path('src'), windows.path('bk', id));
    windows.json(0, 'restore', id, '--to', windows.win('back'));
    assertSameTrees(windows.path('src'), windows.path('back'));
    const { entries } = windows.json<{ entries: { path: string }[] }>(0, 'ls', id, deep.replaceAll('/', '\\'));
    assert.deepEqual(
      entries.map(({ path }) => path),
      [`${deep}/leaf.txt`],
      'with / in what is printed',
    );
    windows.json(0, 'delete', id);
    assert.deepEqual(readdirSync(windows.path('bk', 'src')), []);
  });

  it('are the same in any case: one source, one snapshot, one file, however they are typed', () => {
    windows.write({ 'src/Report.TXT': 'text\n' });
    const { id, name } = windows.backup(windows.win('src'));
    const again = windows.backup(windows.win('SRC').toLowerCase().replaceAll('\\', '/'));
    assert.equal(again.name, name, 'no second history');
    const typed = windows.win('BK', id).toLowerCase();
    assert.equal(windows.json<{ snapshots: number }>(0, 'verify', typed).snapshots, 1);
    const { versions } = windows.json<{ versions: { path: string }[] }>(
      0,
      'versions',
      windows.win('SRC', 'REPORT.txt'),
    );
    assert.deepEqual(
      versions.map(({ path }) => path),
      ['Report.TXT'],
    );
    rmSync(windows.path('src', 'Report.TXT'));
    windows.json(0, 'restore', id, 'REPORT.txt');
    assert.deepEqual(readdirSync(windows.path('src')), ['Report.TXT']);
  });

  it('begin with any drive or share, each a source of its own', () => {
    writeFileSync(join(mount('q:'), 'on drive.txt'), 'q\n');
    writeFileSync(join(mount('unc/server/share'), 'on share.txt'), 's\n');
    assert.equal(windows.backup('Q:\\').name, 'Q');
    assert.equal(windows.backup('\\\\server\\share').name, 'share');
    assert.equal(windows.backup('q:/').name, 'Q');
    assert.equal(windows.backup('\\\\SERVER\\Share\\').name, 'share');
    const { sources } = windows.json<Listed>(0, 'list');
    assert.deepEqual(
      sources.map(({ name, snapshots }) => [name, snapshots.length]),
      [
        ['Q', 2],
        ['share', 2],
      ],
    );
    assert.equal(readFileSync(windows.path('bk', sources[1]?.snapshots[0]?.id ?? '', 'on share.txt'), 'utf8'), 's\n');
  });

  it('stand in a store of Windows so that another system can read it, restore from it, and go into its folders', () => {
    windows.write({ 'src/Größe/a b.txt': 'text\n' });
    const { id } = windows.backup(windows.win('src'));
    const box = new Sandbox();
    try {
      const root = ['--root', windows.path('bk')];
      assert.deepEqual(box.json<{ damaged: unknown[] }>(0, 'verify', ...root).damaged, []);
      assert.equal(box.json<Listed>(0, 'list', ...root).sources[0]?.source, windows.win('src'));
      box.json(0, 'restore', id, '--to', box.path('back'), ...root);
      assertSameTrees(windows.path('src'), box.path('back'));
      assert.equal(statSync(box.path('back', 'Größe')).mode & 0o100, 0o100);
    } finally {
      box.dispose();
    }
  });

  it('that only Linux can have are refused one by one, and none leads out of the folder restored into', () => {
    const box = new Sandbox();
    try {
      box.write({
        'src/plain.txt': 'plain\n',
        'src/..\\..\\evil.txt': 'out\n',
        'src/a:stream': 'x\n',
        'src/what?': 'y\n',
      });
      box.write({ 'src/c:\\folder/inside.txt': 'z\n' });
      symlinkSync('plain.txt', box.path('src', 'link'));
      const { id } = box.backup(box.path('src'), '--root', windows.path('bk'));
      const result = windows.json<{ created: { path: string }[]; errors: { path: string; code: string }[] }>(
        ...([3, 'restore', id, '--to', windows.win('in', 'back')] as const),
      );
      assert.deepEqual(
        result.created.map(({ path }) => path),
        ['plain.txt'],
      );
      assert.deepEqual(Object.fromEntries(result.errors.map(({ path, code }) => [path, code])), {
        '..\\..\\evil.txt': 'EINVAL',
        'a:stream': 'EINVAL',
        'c:\\folder': 'EINVAL',
        'c:\\folder/inside.txt': 'EBLOCKED',
        link: 'EPERM',
        'what?': 'EINVAL',
      });
      assert.deepEqual(readdirSync(windows.path('in', 'back')), ['plain.txt']);
      assert.ok(!existsSync(windows.path('evil.txt')) && !existsSync(windows.path('in', 'evil.txt')));
    } finally {
      box.dispose();
    }
  });
});
