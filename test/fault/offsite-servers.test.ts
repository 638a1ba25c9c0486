import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { assertSameTrees } from '../support/judges.js';
import {
  fakeRestic,
  localRepository,
  missingFor,
  restic,
  RESTIC,
  startServer,
  type Kind,
  type OffsiteServer,
  type Repository,
} from '../support/offsite-servers.js';
import { Sandbox } from '../support/sandbox.js';

const account = { user: 'me@home', password: 'p/w:1' };
const kinds = (['REST', 'SFTP', 'S3'] as const).filter(kind => missingFor(kind).length === 0);

describe('The servers that copies are tested with', () => {
  const servers = new Map<Kind, OffsiteServer>();
  let box: Sandbox;
  let source: string;

  before(async () => {
    box = new Sandbox();
    source = box.path('documents');
    box.write({ 'documents/a.txt': 'first', 'documents/sub/b.txt': 'second', 'documents/empty/': '' });
    writeFileSync(join(source, 'large.bin'), randomBytes(1 << 20));
    symlinkSync('a.txt', join(source, 'link'));
    for (const kind of kinds) servers.set(kind, await startServer[kind](box.path(kind), { appendOnly: true, account }));
    // Side by side, for it takes long: restic tries out how slow it can make the password's check.
    await Promise.all([...servers.values()].map(({ env }) => promisify(execFile)(RESTIC, ['init'], { env })));
  });
  after(async () => {
    await Promise.all([...servers.values()].map(server => server.stop()));
    box.dispose();
  });

  for (const kind of ['REST', 'SFTP', 'S3'] as const) {
    judged(`${kind} gives back what restic has put there, also after a stop`, kind, async server => {
      restic(server, ['backup', '.'], source);
      await server.stop();
      await assert.rejects(once(connect(server.port, '127.0.0.1'), 'connect'), { code: 'ECONNREFUSED' });
      await server.start();
      const target = box.path(`back from ${kind}`);
      restic(server, ['restore', 'latest', '--target', target]);
      assertSameTrees(source, target);
    });
  }

  judged('REST keeps out who has no password, and from deleting who may only add', 'REST', async server => {
    const nobody = server.repository.replace('me%40home:p%2Fw%3A1@', '');
    assert.notEqual(nobody, server.repository);
    assert.throws(() => restic(withAddress(server, nobody), ['snapshots']), /401/);
    const snapshots = (): number => readdirSync(join(server.data, 'r', 'snapshots')).length;
    // The exit code of restic 0.18 is 0 all the same.
    restic(server, ['forget', 'latest']);
    assert.equal(snapshots(), 1);
    await server.stop();
    const again = await startServer.REST(box.path('REST'), { port: server.port, account });
    servers.set('REST', again);
    restic(again, ['forget', 'latest']);
    assert.equal(snapshots(), 0);
  });

  judged('SFTP breaks a connection off when it is stopped', 'SFTP', async server => {
    const client = spawn('ssh', ['offsite', '-s', 'sftp'], { env: server.env });
    const ended = once(client, 'exit');
    // SSH_FXP_INIT of version 3, https://datatracker.ietf.org/doc/html/draft-ietf-secsh-filexfer-02#section-4
    client.stdin.write(Buffer.from([0, 0, 0, 5, 1, 0, 0, 0, 3]));
    await once(client.stdout, 'data');
    await server.stop();
    assert.deepEqual(await ended, [255, null]);
  });

  it('end with the tests, however these end', async function () {
    if (process.platform !== 'linux') return this.skip();
    // A process that has begun a server of two processes, and is killed.
    const keeper = [process.execPath, resolve('out/test/support/keeper.js'), 'sh', '-c', 'sleep 999 & sleep 999'];
    const script = `
      const { spawn } = require('child_process');
      spawn(process.argv[1], process.argv.slice(2), { stdio: ['pipe', 'inherit', 'inherit'] });
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), 500);`;
    const dying = spawn(process.execPath, ['-e', script, ...keeper], { stdio: ['ignore', 'pipe', 'inherit'] });
    // All of them have the other end of this pipe.
    await once(dying.stdout.resume(), 'end');
    assert.equal(dying.signalCode, 'SIGKILL');
  });

  it('have a plain folder and a restic that is too old beside them', () => {
    const folder = box.path('disk');
    assert.equal(localRepository(folder).env['RESTIC_REPOSITORY'], folder);
    const { stdout } = box.run([fakeRestic(box.path('old')), 'version']);
    assert.equal(stdout, 'restic 0.14.0 compiled with go1.19.8 on linux/amd64\n');
  });

  function withAddress(server: Repository, repository: string): Repository {
    return { repository, env: { ...server.env, RESTIC_REPOSITORY: repository } };
  }

  /** A test with one of the servers; its title says why it is skipped where there is none. */
  function judged(title: string, kind: Kind, test: (server: OffsiteServer) => Promise<void>): void {
    const missing = missingFor(kind);
    const why = missing.length > 0 ? `: there is no ${missing.join(' and no ')}` : '';
    it(title + why, async function () {
      const server = servers.get(kind);
      if (!server) return this.skip();
      await test(server);
    });
  }
});
