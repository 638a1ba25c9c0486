import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { locationOf } from '../support/engine.js';
import { assertSameTrees, installed } from '../support/judges.js';
import { CLI, Sandbox, type Ended } from '../support/sandbox.js';

const NAMED = /^phlb: Too many open files \(E[MN]FILE\) \([^\n]*ulimit -n[^\n]*\n$/;
// From where Node itself can start to where everything works, whatever this machine's threads need.
const LIMITS = [19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 36, 40, 48];

const READING = { list: {}, find: { glob: '1*' }, verify: { snapshots: [] } };

describe('A process that may not open more files', () => {
  let box: Sandbox;
  let source: string;

  before(function () {
    if (!installed('prlimit')) return this.skip();
    box = new Sandbox();
    source = box.path('documents');
    const files = Array.from({ length: 60 }, (_, n) => [`documents/d${n % 7}/${n}`, `content ${n}`]);
    box.write(Object.fromEntries(files) as Record<string, string>);
  });
  after(() => box?.dispose());

  const limited = (limit: number, ...args: string[]): Ended =>
    box.run(['prlimit', `--nofile=${limit}:${limit}`, process.execPath, CLI, ...args]);

  // The engine as the editor has it: on threads, which take open files to start: each of these is seen to fail. The command line needs hardly any.
  const inEditor = (limit: number, name: string, request: object): Ended => {
    const call = [name, JSON.stringify({ location: locationOf(box), ...request })];
    const script = resolve('out/test/support/one-call.js');
    return box.run(['prlimit', `--nofile=${limit}:${limit}`, process.execPath, script, ...call]);
  };

  // Whether it did its work; else it must have said why, and no more.
  const works = ({ status, stderr }: Ended, what: string): boolean => {
    if (status === 0) return true;
    assert.equal(status, 1, `${what}: ${stderr}`);
    assert.match(stderr, NAMED, what);
    return false;
  };

  it('says so, publishes nothing half, calls nothing damaged or unreadable, and leaves no lock', () => {
    const worked = new Set<string>();
    const failed = new Set<string>();
    const count = (what: string, ended: Ended, limit: number): boolean => {
      const did = works(ended, `${what} with ${limit}`);
      (did ? worked : failed).add(what);
      return did;
    };
    let expected = 1;
    box.backup(source);
    for (const limit of LIMITS) {
      if (count('backup', limited(limit, 'backup', source, '--checksum', '--quiet'), limit)) expected++;
      assert.equal(box.ids().length, expected);
      for (const [name, request] of Object.entries(READING)) count(name, inEditor(limit, name, request), limit);
      for (const command of [['list'], ['find', '1*'], ['verify']]) {
        works(limited(limit, ...command, '--quiet'), `phlb ${command.join(' ')} with ${limit}`);
      }
      const out = `out-${limit}`;
      if (count('restore', limited(limit, 'restore', 'documents/latest', '--to', out, '--quiet'), limit)) {
        assertSameTrees(source, box.path(out));
      }
      assert.ok(!existsSync(join(box.root, '.phlb/damaged.json')));
      assert.ok(!existsSync(join(box.root, '.phlb/lock')), `a lock is left with ${limit}`);
    }
    const all = ['backup', 'find', 'list', 'restore', 'verify'];
    assert.deepEqual([[...failed].sort(), [...worked].sort()], [all, all], 'each was seen to fail, and to work');
    assert.deepEqual(box.json<{ damaged: unknown[] }>(0, 'verify').damaged, []);
    box.backup(source);
    assert.deepEqual(readdirSync(join(box.root, '.phlb/partial')), []);
  });
});
