import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { areLocal } from '../../src/worker/mounts.js';

const DISK = '27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard';
const MEMORY = '28 27 0:24 / /tmp/a\\040b rw shared:5 master:2 - tmpfs tmpfs rw,size=4k';

describe('What is mounted', () => {
  it('answers where all is in memory or on disks of this machine', () => {
    assert.ok(areLocal(`${DISK}\n${MEMORY}\n`));
    assert.ok(areLocal(`${DISK}\n30 27 0:50 / /run/user/1000/gvfs rw - fuse.gvfsd-fuse gvfsd-fuse rw\n`));
  });

  for (const type of ['nfs4', 'cifs', 'fuse.sshfs', 'fuseblk', '9p', 'virtiofs', 'autofs', 'afs', 'unheard-of']) {
    it(`may never answer where there is one of ${type}, wherever it is: nothing may hold the thread that answers signals`, () => {
      for (const point of ['/home/me/server', '/', '/dev/shm/x', '/run/user/1000/gvfs/x']) {
        assert.equal(areLocal(`${DISK}\n40 27 0:51 / ${point} rw shared:9 - ${type} a:/b rw\n${MEMORY}\n`), false);
      }
    });
  }

  it('is read as the system tells it here', function () {
    if (process.platform !== 'linux') return this.skip();
    const text = readFileSync('/proc/self/mountinfo', 'latin1');
    assert.equal(areLocal(`${text}99 27 0:99 / /mnt rw - nfs server:/ rw\n`), false);
  });
});
