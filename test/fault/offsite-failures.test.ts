import assert from 'node:assert/strict';
import {
  existsSync,
  openSync,
  closeSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
  chmodSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertSameTrees } from '../support/judges.js';
import {
  fakeRestic,
  makeRepository,
  missingFor,
  RESTIC,
  restic,
  startServer,
  type Repository,
} from '../support/offsite-servers.js';
import { EmptyRepository, OffsiteBox } from '../support/offsite-box.js';
import { CLI } from '../support/sandbox.js';
import { Ground } from './support/ground.js';
import { seeded, start } from './support/processes.js';

const missing = missingFor();

describe(`Copies off this machine${missing.length > 0 ? ` (skipped: no ${missing.join(', ')})` : ''}`, () => {
  if (missing.length > 0) return void it.skip('fail cleanly');
  let box: OffsiteBox;
  let there: Repository;
  let ids: string[];
  let empty: EmptyRepository;

  before(() => (empty = new EmptyRepository()));
  after(() => empty.dispose());

  beforeEach(() => {
    box = new OffsiteBox(empty);
    there = box.there;
    box.write({ 'documents/a': 'a', 'documents/sub/b': 'b' });
    ids = [box.backup('documents').id];
    box.write({ 'documents/a': 'another a', 'documents/c': 'c' });
    ids.push(box.backup('documents').id);
  });
  afterEach(() => box.dispose());

  describe('are refused in one line', () => {
    it('without restic, with one that is too old, or with what is none', () => {
      const old = fakeRestic(box.path('old'), { version: '0.16.5' });
      const none = fakeRestic(box.path('none'), { version: 'x' });
      for (const [program, said] of [
        [box.path('nowhere'), /restic is not there: .*nowhere \(install restic 0\.17 or newer/],
        [old, /restic 0\.17 or newer is needed, not 0\.16\.5/],
        [none, /restic 0\.17 or newer is needed, not an unknown program/],
      ] as const) {
        fails(said, 1, { PHLB_RESTIC: program }, 'push');
      }
    });

    it('without a repository, without a password, and with a wrong one', () => {
      fails(/There is no repository: .*\/nothing \(check its address, or make it with "phlb offsite init"\)/, 1, {
        RESTIC_REPOSITORY: box.path('nothing'),
      });
      fails(/No password for the repository was named/, 2, { RESTIC_PASSWORD: '' });
      fails(/No repository for copies off this machine was named/, 2, { RESTIC_REPOSITORY: '' });
      fails(/The password of the repository is wrong: /, 1, { RESTIC_PASSWORD: 'something else' });
      assert.deepEqual(box.copies(), []);
    });

    it('where the repository holds nothing of PHLB, or other backups stand here', () => {
      fails(/There are no copies of PHLB's snapshots in this repository/, 1, {}, 'recover');
      restic(
        there,
        ['backup', '--host', 'phlb-0123456789abcdef', '--tag', 'phlb,phlb:../../evil', 'a'],
        box.path('documents'),
      );
      fails(/There are no copies of PHLB's snapshots in this repository/, 1, {}, 'recover');
      box.offsite('push');
      const other = box.path('other');
      box.backup('documents', '--root', other);
      fails(/There are other backups at this location: .*other/, 2, {}, 'recover', '--root', other);
    });
  });

  describe('on a server that goes', () => {
    const noServer = missingFor('REST');
    if (noServer.length > 0) return void it.skip(`(no ${noServer.join(', ')})`);

    it('before or in the middle of a push are made by the next one, and nobody waits for ever', async () => {
      const server = await startServer.REST(box.path('server'), {
        account: { user: 'somebody', password: 'word-of-mouth' },
      });
      try {
        makeRepository(server, join(server.data, 'r'));
        await server.stop();
        const env = { ...server.env, PHLB_OFFSITE_PATIENCE: '3' };
        const begun = performance.now();
        const refused = box.phlbWith(env, 'offsite', 'push');
        assert.equal(refused.status, 1);
        assert.match(
          refused.stderr,
          /The repository does not answer: rest:http:\/\/127\.0\.0\.1:\d+\/r\/ \(check the network/,
        );
        assert.doesNotMatch(refused.stderr + refused.stdout, /word-of-mouth|somebody/);
        assert.ok(performance.now() - begun < 20_000);
        await server.start();
        writeFileSync(box.path('documents', 'large'), noise(30 << 20));
        const large = box.backup('documents').id;
        const run = start(box, [process.execPath, CLI, 'offsite', 'push', '--json'], { ...env, ...slowly() });
        await lasts(() => sizeOf(server.data) > 2 << 20);
        await server.stop();
        const { code, said } = await run.ended;
        assert.equal(code, 1, said);
        assert.match(said, /"code": ?"offsite"/);
        await server.start();
        assert.deepEqual(box.push(env).at(-1), large);
        restic(server, ['check']);
      } finally {
        await server.stop();
      }
    });
  });

  it('that do not fit say so, and are made when there is room again', function () {
    const ground = new Ground(box);
    try {
      if (ground.tmpfs('small', 'size=3m') === undefined) this.skip();
      box.run(['cp', '-r', there.repository, box.path('small', 'r')]);
      const env = { ...there.env, RESTIC_REPOSITORY: box.path('small', 'r'), PHLB_OFFSITE_PATIENCE: '3' };
      writeFileSync(box.path('documents', 'large'), noise(6 << 20));
      const large = box.backup('documents').id;
      const full = box.phlbWith(env, 'offsite', 'push', '--json');
      assert.equal(full.status, 1);
      const { pending, errors } = JSON.parse(full.stdout) as { pending: number; errors: { message: string }[] };
      assert.equal(pending, 1);
      assert.match(errors[0]?.message ?? '', /no space left/);
      ground.remount(box.path('small'), 'size=40m');
      assert.deepEqual(box.push(env), [large]);
      restic({ repository: env.RESTIC_REPOSITORY, env }, ['check']);
    } finally {
      ground.dispose();
    }
  });

  it('go on after kill -9 at any moment, with what had been sent', async () => {
    const random = seeded();
    writeFileSync(box.path('documents', 'large'), noise(40 << 20));
    ids.push(box.backup('documents').id);
    for (let i = 0; i < 4; i++) {
      const run = start(box, [process.execPath, CLI, 'offsite', 'push'], there.env);
      await sleep(400 + random() * 1500);
      run.child.kill('SIGKILL');
      await run.ended;
    }
    // An orphaned restic ends when it has nobody to tell. The repository is named in its environment only.
    const orphans = `grep -las 'RESTIC_REPOSITORY=${there.repository}' /proc/[0-9]*/environ`;
    await lasts(() => box.run(['sh', '-c', orphans]).stdout === '');
    const sent = sizeOf(there.repository);
    box.offsite('push');
    assert.deepEqual(box.copies(), ids);
    assert.ok(sizeOf(there.repository) < Math.max(sent, 40 << 20) * 1.5, 'it is not sent once more each time');
    box.offsite('check');
    recoversAll();
  });

  it('stop at Ctrl-C, and leave no lock behind', async () => {
    writeFileSync(box.path('documents', 'large'), noise(60 << 20));
    ids.push(box.backup('documents').id);
    const run = start(box, [process.execPath, CLI, 'offsite', 'push'], { ...there.env, ...slowly() });
    await lasts(() => sizeOf(there.repository) > 2 << 20);
    run.child.kill('SIGINT');
    const { code, said } = await run.ended;
    assert.equal(code, 130, said);
    assert.deepEqual(readdirSync(join(there.repository, 'locks')), []);
    box.offsite('push');
    assert.deepEqual(box.copies(), ids);
  });

  it('are forgotten although a dead restic has left its lock', async () => {
    box.offsite('push');
    const run = start(box, [RESTIC, 'check', '--read-data', '--no-cache', '--limit-download', '1'], there.env);
    await lasts(() => readdirSync(join(there.repository, 'locks')).length > 0);
    run.child.kill('SIGKILL');
    await run.ended;
    assert.notDeepEqual(readdirSync(join(there.repository, 'locks')), []);
    assert.deepEqual(JSON.parse(box.offsite('forget', '--keep-last', '1', '--json')).deleted, [ids[0]]);
    assert.deepEqual(box.copies(), [ids[1]]);
  });

  it('name exactly the files that a damaged pack costs', () => {
    for (let i = 0; i < 20; i++) writeFileSync(box.path('documents', `file ${i}`), noise(100_000, i));
    ids.push(box.backup('documents').id);
    box.offsite('push');
    damage(join(there.repository, 'data'), 1_000_000);
    const checked = box.phlbWith(there.env, 'offsite', 'check', '--json');
    assert.equal(checked.status, 3);
    assert.match(JSON.parse(checked.stdout).errors[0].message, /pack|blob/);
    const lost = recover(3).errors;
    assert.equal(lost.length, 1);
    const [{ path = '', code = '' } = {}] = lost;
    assert.match(path, new RegExp(`^${ids[2]}/file \\d+$`));
    assert.equal(code, 'ELOST');
    assert.equal(existsSync(join(box.root, path)), false);
    rmSync(box.path('was', path));
    for (const id of ids) assertSameTrees(box.path('was', id), join(box.root, id));
    assert.equal(box.phlb('verify').status, 3);
  });

  it('of a snapshot that is deleted in the middle are told and left out, and the others are made', () => {
    const program = box.path('restic-that-deletes');
    script(
      program,
      `case "$*" in *"phlb:${ids[0]}"*) rm -rf '${join(box.root, ids[0] ?? '')}';; esac\nexec '${RESTIC}' "$@"`,
    );
    const ended = box.phlbWith({ ...there.env, PHLB_RESTIC: program }, 'offsite', 'push', '--json');
    assert.equal(ended.status, 3, ended.stderr);
    const { uploaded, errors } = JSON.parse(ended.stdout) as Pushed;
    assert.deepEqual(
      uploaded.map(({ id }) => id),
      [ids[1]],
    );
    assert.deepEqual(
      errors.map(({ path, code }) => [path, code]),
      [[ids[0], 'ENOENT']],
    );
    assert.deepEqual(box.copies(), [ids[1]]);
  });

  it('that a repository only takes are made, and what cannot be deleted there is told', async function () {
    if (missingFor('REST').length > 0) this.skip();
    const server = await startServer.REST(box.path('server'), { appendOnly: true });
    try {
      makeRepository(server, join(server.data, 'r'));
      assert.deepEqual(box.push(server.env), ids);
      const kept = box.phlbWith(server.env, 'offsite', 'forget', '--keep-last', '1');
      assert.equal(kept.status, 3);
      assert.match(kept.stderr, /The repository has not deleted it: perhaps it only takes/);
      assert.deepEqual(JSON.parse(box.phlbWith(server.env, 'offsite', 'status', '--json').stdout).copies, ids);
    } finally {
      await server.stop();
    }
  });

  it('show no secret: not to who lists processes, nor in messages, state or records', () => {
    const seen = box.path('seen');
    const program = box.path('restic-that-tells');
    script(program, `printf '%s\\n' "$@" >> '${seen}'\nexec '${RESTIC}' "$@"`);
    const env = { ...there.env, RESTIC_PASSWORD: 'word-of-mouth', PHLB_RESTIC: program };
    const said: string[] = [];
    for (const repository of ['rest:http://somebody:word-of-mouth@127.0.0.1:9/r', box.path('fresh')]) {
      for (const action of ['init', 'push', 'status', 'check']) {
        const asked = { ...env, RESTIC_REPOSITORY: repository, PHLB_OFFSITE_PATIENCE: '1' };
        const { stdout, stderr } = box.phlbWith(asked, 'offsite', action);
        said.push(stdout, stderr);
      }
    }
    const written = box.run(['grep', '-rlE', 'word-of-mouth|somebody', box.state, box.root]).stdout;
    assert.equal(written, '');
    assert.doesNotMatch(said.join(''), /word-of-mouth|somebody/);
    assert.doesNotMatch(readFileSync(seen, 'utf8'), /word-of-mouth|somebody/);
  });

  it('cost a repository with nothing new to send one question', () => {
    box.offsite('push');
    const asked = box.path('asked');
    const program = box.path('restic-that-counts');
    script(program, `[ "$1" = version ] || echo "$1" >> '${asked}'\nexec '${RESTIC}' "$@"`);
    const ended = box.phlbWith({ ...there.env, PHLB_RESTIC: program }, 'offsite', 'push');
    assert.equal(ended.status, 0, ended.stderr);
    assert.equal(readFileSync(asked, 'utf8'), 'snapshots\n');
  });

  function fails(said: RegExp, status: number, env: NodeJS.ProcessEnv, ...args: string[]): void {
    const ended = box.phlbWith({ ...there.env, ...env }, 'offsite', ...(args.length > 0 ? args : ['push']));
    assert.match(ended.stderr, said);
    assert.equal(ended.status, status);
    assert.equal(
      ended.stderr
        .trim()
        .split('\n')
        .filter(line => !/^phlb: Asking/.test(line)).length,
      1,
      ended.stderr,
    );
  }

  /** A restic on a slow line, so that it is still at it when something happens. */
  function slowly(): NodeJS.ProcessEnv {
    const program = box.path('slow-restic');
    script(program, `exec '${RESTIC}' --limit-upload 2000 "$@"`);
    return { PHLB_RESTIC: program };
  }

  function recover(status: number): { errors: { path: string; code: string }[] } {
    box.lose();
    const ended = box.tryOffsite({}, 'recover', '--json');
    assert.equal(ended.status, status, ended.stderr);
    return JSON.parse(ended.stdout) as { errors: { path: string; code: string }[] };
  }

  function recoversAll(): void {
    assert.deepEqual(recover(0).errors, []);
    for (const id of ids) assertSameTrees(box.path('was', id), join(box.root, id));
    assert.match(box.phlb('verify').stdout, /no damage/);
  }
});

interface Pushed {
  uploaded: { id: string }[];
  errors: { path: string; code: string }[];
}

function script(path: string, text: string): void {
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
}

async function lasts(condition: () => boolean): Promise<void> {
  for (const end = performance.now() + 60_000; !condition(); await sleep(20)) assert.ok(performance.now() < end);
}

function noise(bytes: number, seed = 1): Buffer {
  const random = seeded(seed);
  const buffer = Buffer.alloc(bytes);
  for (let at = 0; at + 4 <= bytes; at += 4) buffer.writeUInt32LE(Math.floor(random() * 2 ** 32), at);
  return buffer;
}

function sizeOf(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).reduce((sum, entry) => {
    const stat = entry.isFile() ? statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false }) : undefined;
    return sum + (stat?.size ?? 0);
  }, 0);
}

/** Zeros in the middle of the first file that is larger. */
function damage(folder: string, larger: number): void {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name));
  const victim = paths.find(path => statSync(path).size > larger);
  assert.ok(victim !== undefined);
  chmodSync(victim, 0o600);
  const file = openSync(victim, 'r+');
  writeSync(file, Buffer.alloc(16), 0, 16, 500_000);
  closeSync(file);
}
