import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { leftovers, longFile, until } from '../fault/support/processes.js';
import { PATIENCE_MS, Windows } from './support/windows.js';

describe('Accidents under Windows', () => {
  let windows: Windows;

  beforeEach(() => (windows = new Windows()));
  afterEach(() => windows.dispose());

  it('a file that another program has locked is left out and named, the others are stored', async () => {
    windows.write({ 'src/free.txt': 'free\n', 'src/mailbox.pst': 'locked\n' });
    // UV_FS_O_EXLOCK: nobody else may open it, as Outlook keeps its files.
    await windows.startScript(`fs.openSync('src/mailbox.pst', 0x10000000 | fs.constants.O_RDWR)`);
    const { id, errors } = windows.backupWith(3, windows.win('src'));
    assert.deepEqual(
      errors.map(({ path, code }) => [path, code]),
      [['mailbox.pst', 'EBUSY']],
    );
    assert.deepEqual(readdirSync(windows.path('bk', id ?? '')), ['free.txt']);
  });

  it('at the limit of names a file gets a fresh copy, which is shared on', () => {
    windows.env['PHLB_TEST_LINKS'] = '100';
    const names = Array.from({ length: 110 }, (_, i) => `${i % 5}/${i}.txt`);
    windows.write(Object.fromEntries(names.map(name => [`src/${name}`, 'the same\n'])));
    const { id, copiedFiles, linkedFiles } = windows.backup(windows.win('src'));
    assert.deepEqual([copiedFiles, linkedFiles], [2, 108]);
    const links = names.map(name => statSync(windows.path('bk', id, name)).nlink);
    assert.deepEqual([...new Set(links)].sort(), [10, 100]);
    // A thread that has read on meanwhile may have made one more.
    assert.ok(windows.backup(windows.win('src')).copiedFiles <= 2, 'not a copy for each of them');
  });

  it('a folder in which a virus scanner reads is published as soon as it lets go', () => {
    windows.write({ 'src/a.txt': 'a\n' });
    windows.env['PHLB_TEST_BUSY'] = '3';
    const { id } = windows.backup(windows.win('src'));
    assert.equal(readFileSync(windows.path('bk', id, 'a.txt'), 'utf8'), 'a\n');
  });

  it('a store in use is waited for; when its program is killed it is free at once, even if the number is used again', async () => {
    windows.write({ 'src/a.txt': 'a\n' });
    windows.write({ 'long/b.txt': 'b\n' });
    longFile(windows.path('long', 'long.bin'), 500);
    const first = windows.startPhlb('backup', windows.win('long'));
    await until('a run under way', () => leftovers(windows.path('bk')).length > 0, PATIENCE_MS);
    first.signal('SIGSTOP');
    const lock = windows.path('bk', '.phlb', 'lock');
    const holder = JSON.parse(readFileSync(lock, 'utf8')) as { token: string };
    const second = windows.startPhlb('backup', windows.win('src'));
    await until('it waits', () => second.stderr().includes('Waiting'), PATIENCE_MS);
    await sleep(2000);
    assert.ok(second.isRunning(), 'a stopped program lives');
    assert.equal((JSON.parse(readFileSync(lock, 'utf8')) as { token: string }).token, holder.token);
    first.signal('SIGKILL');
    assert.equal(await second.ended, 0, second.stderr());
    assert.match(second.stderr(), /Took over the lock/);

    const other = await windows.startScript('');
    writeFileSync(lock, JSON.stringify({ ...holder, pid: Number(other.stdout()) }));
    const { status, stderr } = windows.phlb('backup', windows.win('src'));
    assert.equal(status, 0, stderr);
    assert.match(stderr, /Took over the lock/);
  });

  it('on a drive without hardlinks, a store in use is waited for just so', async () => {
    windows.write({ 'src/a.txt': 'a\n' });
    windows.write({ 'long/b.txt': 'b\n' });
    longFile(windows.path('long', 'long.bin'), 500);
    windows.env['PHLB_TEST_LINKS'] = '0';
    const first = windows.startPhlb('backup', windows.win('long'));
    await until('a run under way', () => leftovers(windows.path('bk')).length > 0, PATIENCE_MS);
    first.signal('SIGSTOP');
    const second = windows.startPhlb('backup', windows.win('src'));
    await until('it waits', () => second.stderr().includes('Waiting'), PATIENCE_MS);
    first.signal('SIGCONT');
    assert.deepEqual([await first.ended, await second.ended], [0, 0], second.stderr());
  });
});
