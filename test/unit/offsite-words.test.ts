import assert from 'node:assert/strict';
import { shownAddress, withoutSecrets } from '../../src/engine/offsite/address.js';
import { includeFiles } from '../../src/engine/offsite/include-patterns.js';
import { snapshotOf, tagOf } from '../../src/engine/offsite/tags.js';

const stamp = '2026-11-29-070012';

describe('A tag of a copy', () => {
  it('holds any name, also one that restic would split', () => {
    for (const name of ['documents', 'a, b', 'ünï — 雪', 'x%2Cy', 'a b', '%', `stray${String.fromCharCode(0xdcff)}`]) {
      const tag = tagOf({ name, stamp: `${stamp}-2` });
      assert.match(tag, /^phlb:[A-Za-z0-9._/%-]+$/);
      assert.deepEqual(snapshotOf(tag), { name, stamp: `${stamp}-2` });
    }
  });

  it('that is nobody of ours names nothing, whatever it looks like', () => {
    for (const tag of [
      'phlb',
      'phlb-meta',
      `phlb:${stamp}`,
      `phlb:/${stamp}`,
      `phlb:../${stamp}`,
      `phlb:.phlb/${stamp}`,
      `phlb:a/b/${stamp}`,
      'phlb:documents/latest',
      `phlb:docu ments/${stamp}`,
      `phlb:%2E%2E/${stamp}`,
      `phlb:%zz/${stamp}`,
      `phlb:a%00b/${stamp}`,
      `phlb:${'a'.repeat(5000)}/${stamp}`,
    ]) {
      assert.equal(snapshotOf(tag), undefined, tag);
    }
  });
});

describe('An address of a repository', () => {
  it('is shown without user and password', () => {
    assert.equal(shownAddress('rest:https://me:p%2Fw@host:8000/r/'), 'rest:https://host:8000/r/');
    assert.equal(shownAddress('rest:https://me:p/w@host/r/'), 'rest:https://host/r/');
    assert.equal(shownAddress('rest:https://host:8000/a@b/'), 'rest:https://host:8000/a@b/');
    assert.equal(shownAddress('sftp:me@host:/r'), 'sftp:me@host:/r', 'without it nobody knows which account is meant');
    assert.equal(shownAddress('sftp://me:word@host/r'), 'sftp://host/r');
    assert.equal(shownAddress('/mnt/a:b@c'), '/mnt/a:b@c');
  });

  it('and whatever else is secret stands in no text', () => {
    const env = {
      RESTIC_REPOSITORY: 'rest:http://somebody:word%20of%20mouth@host/r',
      RESTIC_PASSWORD: 'correct horse',
      RESTIC_PASSWORD_FILE: '/home/me/password',
      AWS_SECRET_ACCESS_KEY: 'battery staple',
      HOME: '/home/me',
    };
    const said = `dial ${env.RESTIC_REPOSITORY}: (word of mouth) correct horse, battery staple of /home/me/password`;
    assert.equal(withoutSecrets(said, env), 'dial rest:http://host/r: (***) ***, *** of /home/me/password');
    assert.equal(withoutSecrets('Get "http://somebody:***@host/r/": refused', env), 'Get "http://host/r/": refused');
  });
});

describe('Files named to restic', () => {
  it('are patterns that match them, whatever is in their names', () => {
    const names = ['plain/a.txt', '[b]*?', 'back\\slash', '$HOME', 'new\nline', 'trailing \t', '#hash'];
    const [text = Buffer.alloc(0)] = includeFiles(names, 'linux');
    assert.deepEqual(text.toString().split('\n').sort(), [
      '',
      '/#hash',
      '/$$HOME',
      '/\\[b\\]\\*\\?',
      '/back\\\\slash',
      '/new?line',
      '/plain/a.txt',
      '/trailing ?',
    ]);
  });

  it('are a thousand at a time', () => {
    const files = includeFiles(Array.from({ length: 2500 }, (_, n) => `${n}`));
    assert.deepEqual(
      files.map(text => text.toString().trimEnd().split('\n').length),
      [1000, 1000, 500],
    );
  });
});
