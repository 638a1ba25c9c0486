import * as assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isContainer, mountPointOf } from '../../src/setup/goes-with-container.js';
import { Obstacles } from '../../src/host/auto-backup/obstacles.js';
import { shortageOf, spaceAt, type FileSystemSpace } from '../../src/host/backup/space-check.js';
import { mustMeasure, mustWarn } from '../../src/host/backup/store-size.js';

const GB = 1e9;

describe('The room at the backup location', () => {
  const disk: FileSystemSpace = { totalBytes: 4000 * GB, freeBytes: 150 * GB, inodes: 0, freeInodes: 0 };

  it('is enough on a big disk that is nearly full, else it is never backed up again', () => {
    assert.equal(shortageOf(disk), undefined);
    assert.equal(shortageOf({ ...disk, freeBytes: 0.9 * GB }), 'space');
  });

  it('is enough on a small disk that could never have 1 GB free', () => {
    const stick = { ...disk, totalBytes: 2 * GB, freeBytes: 0.2 * GB };
    assert.equal(shortageOf(stick), undefined);
    assert.equal(shortageOf({ ...stick, freeBytes: 0.09 * GB }), 'space');
  });

  it('is short of inodes below 5 %, but not where the file system counts none', () => {
    assert.equal(shortageOf({ ...disk, inodes: 1000, freeInodes: 49 }), 'inodes');
    assert.equal(shortageOf({ ...disk, inodes: 1000, freeInodes: 50 }), undefined);
    assert.equal(shortageOf(disk), undefined);
  });

  it('is never short where the file system does not tell', () => {
    assert.equal(shortageOf({ totalBytes: 0, freeBytes: 0, inodes: 0, freeInodes: 0 }), undefined);
  });

  it('is known before the folder is made, else the first backup fills the disk', async () => {
    const space = await spaceAt(join(tmpdir(), 'no', 'such', 'folder'));
    assert.ok(space && space.totalBytes > 0 && space.freeBytes <= space.totalBytes);
  });
});

describe('A backup location that cannot be reached', () => {
  let scratch: string;
  let root: string;
  const found = (id: string): void => {
    mkdirSync(join(root, '.phlb'), { recursive: true });
    writeFileSync(join(root, '.phlb', 'store.json'), JSON.stringify({ id }));
  };

  beforeEach(() => {
    scratch = mkdtempSync(join(tmpdir(), 'phlb-obstacles-'));
    root = join(scratch, 'backups');
    found('a');
  });
  afterEach(() => rmSync(scratch, { recursive: true }));

  it('is waited for until its store is back, else backups never go on', async () => {
    const obstacles = new Obstacles();
    assert.equal(await obstacles.look(root), undefined);
    renameSync(root, `${root}.unplugged`);
    await obstacles.unreachable(root);
    assert.equal(await obstacles.look(root), 'unreachable');
    assert.equal(obstacles.current, 'unreachable');
    renameSync(`${root}.unplugged`, root);
    assert.equal(await obstacles.look(root), undefined);
  });

  it('is still away while the wrong disk stands there', async () => {
    const obstacles = new Obstacles();
    found('wrong');
    await obstacles.unreachable(root);
    assert.equal(await obstacles.look(root), 'unreachable');
    found('a');
    assert.equal(await obstacles.look(root), undefined);
  });

  it('holds up no other location that the user chooses instead', async () => {
    const obstacles = new Obstacles();
    rmSync(root, { recursive: true });
    await obstacles.unreachable(root);
    assert.equal(await obstacles.look(join(scratch, 'elsewhere')), undefined);
  });

  it('is forgotten when a backup by hand has gone well', async () => {
    const obstacles = new Obstacles();
    await obstacles.unreachable(root);
    obstacles.clear();
    assert.equal(await obstacles.look(root), undefined);
  });
});

describe('A container', () => {
  const machine = { remoteName: undefined, marked: false, cgroup: '0::/user.slice/user-1000.slice\n' };

  it('is known by its mark, its cgroup or the window, else backups vanish with it unannounced', () => {
    assert.equal(isContainer({ ...machine, marked: true }), true);
    assert.equal(isContainer({ ...machine, cgroup: '12:memory:/docker/0123abc\n' }), true);
    assert.equal(isContainer({ ...machine, cgroup: '1:name=systemd:/kubepods/besteffort/pod1\n' }), true);
    for (const remoteName of ['dev-container', 'attached-container', 'codespaces']) {
      assert.equal(isContainer({ ...machine, remoteName }), true);
    }
  });

  it('is not seen in an ordinary machine, nor in one over SSH or WSL', () => {
    assert.equal(isContainer(machine), false);
    assert.equal(isContainer({ ...machine, remoteName: 'ssh-remote' }), false);
    assert.equal(isContainer({ ...machine, remoteName: 'wsl' }), false);
    assert.equal(isContainer({ ...machine, cgroup: '0::/user.slice/dockerfiles.scope\n' }), false);
  });

  it('keeps what lies in a mounted folder: that is not its own', () => {
    const mountinfo = [
      '22 1 0:50 / / rw,relatime - overlay overlay rw',
      '23 22 254:1 /volumes/b /home/node/PyHardLinkBackups rw,relatime - ext4 /dev/vda1 rw',
      '24 22 254:1 /volumes/c /mnt/with\\040space rw,relatime - ext4 /dev/vda1 rw',
    ].join('\n');
    assert.equal(mountPointOf('/home/node/PyHardLinkBackups/x', mountinfo), '/home/node/PyHardLinkBackups');
    assert.equal(mountPointOf('/home/node/PyHardLinkBackups-2', mountinfo), '/');
    assert.equal(mountPointOf('/mnt/with space', mountinfo), '/mnt/with space');
    assert.equal(mountPointOf('/home/node', ''), '/');
  });
});

describe('The size of all snapshots', () => {
  const day = 24 * 3_600_000;

  it('is measured at most once a day, else every save walks the whole store', () => {
    assert.equal(mustMeasure({ bytes: 1, at: day }, 2 * day - 1), false);
    assert.equal(mustMeasure({ bytes: 1, at: day }, 2 * day), true);
    assert.equal(mustMeasure({ bytes: 1, at: 9 * day }, day), true, 'measured before the clock was set back');
  });

  it('is warned of once, and again for another limit', () => {
    assert.equal(mustWarn({ bytes: 11, at: 0 }, 10), true);
    assert.equal(mustWarn({ bytes: 11, at: 0, warnedFor: 10 }, 10), false);
    assert.equal(mustWarn({ bytes: 11, at: 0, warnedFor: 5 }, 10), true);
    assert.equal(mustWarn({ bytes: 10, at: 0 }, 10), false);
  });
});
