import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allocatedByFiles, du, random } from '../support/disk.js';
import { installed } from '../support/judges.js';
import { Sandbox } from '../support/sandbox.js';

interface Stats {
  sources: number;
  snapshots: number;
  files: number;
  apparentBytes: number;
  storedBytes: number;
  savedBytes: number;
  allocatedBytes: number;
  overheadBytes: number;
  inodes: number;
  perSnapshot: { id: string; uniqueBytes: number }[];
}

describe('phlb stats', () => {
  let box: Sandbox;

  // Two sources that share a file, and one snapshot taken by a restore.
  beforeEach(() => {
    box = new Sandbox();
    const shared = random(4096);
    box.write({
      'documents/a': random(8192),
      'documents/sub/shared': shared,
      'other/shared': shared,
      'other/b': 'small',
    });
    linkSync(box.path('documents/a'), box.path('documents/sub/same'));
    box.backup(box.path('documents'));
    writeFileSync(box.path('documents/c'), random(4096));
    const { id } = box.backup(box.path('documents'));
    box.backup(box.path('other'));
    writeFileSync(box.path('documents/c'), random(12288));
    box.json(0, 'restore', id);
  });
  afterEach(() => box.dispose());

  it('says what du and find say', () => {
    const told = box.json<Stats>(0, 'stats');
    const count = (what: string): number =>
      Number(
        execFileSync('sh', ['-c', `cd "$1" && find documents other -type f ${what}`, 'sh', box.root], {
          encoding: 'utf8',
        }),
      );
    assert.deepEqual(told, {
      sources: 2,
      snapshots: 4,
      files: count('| wc -l'),
      apparentBytes: count("-printf '%s\\n' | awk '{s+=$1} END {print s}'"),
      storedBytes: count("-printf '%i %s\\n' | sort -u | awk '{s+=$2} END {print s}'"),
      savedBytes: told.apparentBytes - told.storedBytes,
      allocatedBytes: du(box.root),
      overheadBytes: du(box.root) - allocatedByFiles(box.root),
      inodes: du(box.root, '--inodes'),
      perSnapshot: told.perSnapshot,
    });
    assert.deepEqual(
      told.perSnapshot.map(({ id }) => id),
      box.ids('--all'),
    );
  });

  it('names for each snapshot what deleting it alone frees', () => {
    const { perSnapshot } = box.json<Stats>(0, 'stats');
    assert.deepEqual(
      perSnapshot.map(({ uniqueBytes }) => uniqueBytes),
      [0, 4096, 12288, 5],
    );
    for (const { id, uniqueBytes } of perSnapshot) {
      const copy = box.path('copy');
      execFileSync('cp', ['-a', box.root, copy]);
      const { freedBytes } = box.json<{ freedBytes: number }>(0, 'delete', id, '--root', copy);
      assert.equal(freedBytes, uniqueBytes, id);
      execFileSync('rm', ['-rf', copy]);
    }
  });

  it('counts all that stands in the root, also what is no snapshot', () => {
    const tree = join(box.root, box.ids()[0] ?? '');
    mkdirSync(join(box.root, '.phlb/partial/dead/tree'), { recursive: true });
    linkSync(join(tree, 'a'), join(box.root, '.phlb/partial/dead/tree/a'));
    writeFileSync(join(box.root, 'documents/notes.txt'), random(8192));
    linkSync(join(box.root, 'documents/notes.txt'), join(box.root, 'again.txt'));
    const told = box.json<Stats>(0, 'stats');
    assert.deepEqual([told.allocatedBytes, told.inodes], [du(box.root), du(box.root, '--inodes')]);
    assert.equal(told.overheadBytes, du(box.root) - allocatedByFiles(box.root) + 8192);
    assert.equal(told.files, 10);
  });

  it('tells it in words too', () => {
    const { status, stdout } = box.phlb('stats');
    assert.equal(status, 0);
    assert.match(stdout, /^2 sources, 4 snapshots, 10 files\n/);
    assert.match(stdout, /\nStored +\d+ KiB /);
    assert.match(stdout, /\ndocuments\/[\d-]+ +4\.0 KiB\n/);
    assert.equal(box.phlb('stats', 'documents').status, 2);
  });

  it('leaves out what it may not read, and says so', function () {
    if (process.getuid?.() !== 0 || !installed('setpriv')) return this.skip();
    const closed = join(box.root, 'documents', 'closed');
    mkdirSync(closed, { mode: 0o700 });
    cpSync('dist', box.path('dist'), { recursive: true });
    execFileSync('chown', ['-R', '65534:65534', box.dir]);
    execFileSync('chown', ['0:0', closed]);
    chmodSync(box.dir, 0o755);
    const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', process.execPath];
    const { status, stdout, stderr } = box.run([...nobody, box.path('dist/cli.js'), 'stats', '--json']);
    assert.equal(status, 3);
    assert.match(stderr, /^phlb: [^\n]*documents\/closed: cannot be read, so it is not counted\n$/);
    assert.equal((JSON.parse(stdout) as Stats).snapshots, 4);
  });
});
