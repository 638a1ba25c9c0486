/** Real servers on this machine that restic copies to, each with what it needs in a folder of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { userInfo } from 'node:os';
import { basename, delimiter, dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { installed } from './judges.js';
import { lightenKey } from './light-key.js';
import { runProgram } from './run-program.js';

/** `scripts/test/offsite.mjs` finds both. */
export const RESTIC = process.env['PHLB_TEST_RESTIC'] ?? '';
const S3RVER = process.env['PHLB_TEST_S3RVER'] ?? '';

/** Longer than any server takes to answer on a busy machine. Ms. */
const PATIENCE = 60_000;

export interface Repository {
  /** as restic's `-r` takes it */
  repository: string;
  /** what restic needs to get there: `RESTIC_REPOSITORY`, `RESTIC_PASSWORD`, a PATH on which restic is, certificates, accounts */
  env: Record<string, string>;
}

export interface OffsiteServer extends Repository {
  port: number;
  /** what it keeps; its own files are beside it */
  data: string;
  /** once more after `stop`, at the same address, with what it kept */
  start(): Promise<void>;
  /** ends it in the middle of whatever it does, connections included; whoever asks it then is refused */
  stop(): Promise<void>;
}

interface ServerOptions {
  /** that of one that has been stopped, to go on there with other options */
  port?: number;
  /** REST only: takes new data, and neither deletes nor replaces any */
  appendOnly?: boolean;
  /** REST only */
  account?: { user: string; password: string };
}

export type Kind = 'REST' | 'SFTP' | 'S3';

export const startServer: Record<Kind, (folder: string, options?: ServerOptions) => Promise<OffsiteServer>> = {
  REST: startRest,
  SFTP: startSftp,
  S3: startS3,
};

/** What this machine lacks for tests that use such a server; none given: for those that use restic alone. */
export function missingFor(kind?: Kind): string[] {
  if (process.platform === 'win32') return ['a system other than Windows'];
  const programs = { REST: ['rclone'], SFTP: ['ssh', 'ssh-keygen'], S3: ['openssl'] };
  const missing = kind ? programs[kind].filter(program => !installed(program)) : [];
  if (!existsSync(RESTIC)) missing.push('restic (PHLB_TEST_RESTIC)');
  if (kind === 'SFTP' && !existsSync(sshd())) missing.push('sshd');
  if (kind === 'S3' && !existsSync(S3RVER)) missing.push('s3rver (PHLB_TEST_S3RVER)');
  return missing;
}

/** `rclone serve restic` */
async function startRest(
  folder: string,
  { appendOnly = false, account, port }: ServerOptions = {},
): Promise<OffsiteServer> {
  const at = await place(folder, port);
  const options = ['--addr', `127.0.0.1:${at.port}`, ...(appendOnly ? ['--append-only'] : [])];
  const login = account ? ['--user', account.user, '--pass', account.password] : [];
  // Without a file of settings: it would say at each start that there is none.
  const command = ['env', 'RCLONE_CONFIG=', 'rclone', 'serve', 'restic', ...options, ...login, at.data];
  const who = account ? `${encodeURIComponent(account.user)}:${encodeURIComponent(account.password)}@` : '';
  return started(folder, command, at, toRepository(`rest:http://${who}127.0.0.1:${at.port}/r/`));
}

/** An sshd of its own, and on the PATH an `ssh` that knows it by the name `offsite`. */
async function startSftp(folder: string, { port }: ServerOptions = {}): Promise<OffsiteServer> {
  const at = await place(folder, port);
  for (const key of ['host-key', 'user-key']) {
    if (!existsSync(join(folder, key))) must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, key)]);
  }
  // sshd has this place built in, and Debian makes it when it starts its own.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  writeLines(join(folder, 'sshd_config'), [
    'ListenAddress 127.0.0.1',
    `Port ${at.port}`,
    `HostKey ${folder}/host-key`,
    `AuthorizedKeysFile ${folder}/user-key.pub`,
    ...['PidFile none', 'StrictModes no', 'UsePAM no', 'UseDNS no', 'PermitRootLogin yes', 'LogLevel ERROR'],
    'Subsystem sftp internal-sftp',
  ]);
  writeLines(join(folder, 'known_hosts'), [`[127.0.0.1]:${at.port} ${readFileSync(`${folder}/host-key.pub`, 'utf8')}`]);
  writeLines(join(folder, 'ssh_config'), [
    'Host offsite',
    'HostName 127.0.0.1',
    `Port ${at.port}`,
    `User ${userInfo().username}`,
    `IdentityFile ${folder}/user-key`,
    `UserKnownHostsFile ${folder}/known_hosts`,
    ...['IdentitiesOnly yes', 'BatchMode yes', 'LogLevel ERROR'],
  ]);
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  const ssh = must('sh', ['-c', 'command -v ssh']).trim();
  writeScript(join(bin, 'ssh'), `exec '${ssh}' -F '${folder}/ssh_config' "$@"`);
  const command = [sshd(), '-D', '-e', '-f', join(folder, 'sshd_config')];
  return started(folder, command, at, toRepository(`sftp:offsite:${at.data}/r`, {}, [bin]));
}

/** s3rver, over TLS: over plain HTTP it keeps the signatures of what it gets as if they were part of it. */
async function startS3(folder: string, { port }: ServerOptions = {}): Promise<OffsiteServer> {
  const at = await place(folder, port);
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  if (!existsSync(certificate)) {
    const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key];
    const names = ['-subj', '/CN=offsite', '-addext', 'subjectAltName=IP:127.0.0.1'];
    must('openssl', ['req', '-x509', ...newKey, '-out', certificate, ...names]);
  }
  const options = ['--address', '127.0.0.1', '--port', String(at.port), '--directory', at.data, '--silent'];
  const rest = ['--key', key, '--cert', certificate, '--configure-bucket', 'bucket'];
  const env = { RESTIC_CACERT: certificate, AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' };
  const repository = toRepository(`s3:https://127.0.0.1:${at.port}/bucket`, env);
  return started(folder, [process.execPath, S3RVER, ...options, ...rest], at, repository);
}

/** A plain folder, as on a mounted disk. */
export function localRepository(folder: string): Repository {
  return toRepository(folder);
}

/** A new repository in a folder, also of a server; its key opens it at once. */
export function makeRepository(there: Repository, folder: string): void {
  restic(there, ['init']);
  lightenKey(folder, there.env['RESTIC_PASSWORD'] ?? '');
}

/** restic as a judge that is not PHLB: its standard output; throws what it says if it fails. */
export function restic({ env }: Repository, args: readonly string[], cwd = process.cwd()): string {
  // It shall see what the server has, and nothing that it remembers.
  return must(RESTIC, ['--no-cache', ...args], { cwd, env: { ...process.env, ...env } });
}

/**
 * A `restic` that is too old, or one that says something else of itself; it can do nothing else.
 * @returns its path; `folder` is for the beginning of a PATH
 */
export function fakeRestic(folder: string, { version = '0.14.0' } = {}): string {
  mkdirSync(folder, { recursive: true });
  const program = join(folder, 'restic');
  const says = `restic ${version} compiled with go1.19.8 on linux/amd64`;
  writeScript(program, `[ "$1" = version ] && echo '${says}' && exit\necho 'unknown command' >&2\nexit 1`);
  return program;
}

function toRepository(repository: string, env: Record<string, string> = {}, bin: string[] = []): Repository {
  const path = [...bin, ...(basename(RESTIC) === 'restic' ? [dirname(RESTIC)] : []), process.env['PATH'] ?? ''];
  const own = { RESTIC_REPOSITORY: repository, RESTIC_PASSWORD: 'secret', PATH: path.join(delimiter) };
  return { repository, env: { ...own, ...env } };
}

interface Place {
  port: number;
  data: string;
}

async function place(folder: string, port: number | undefined): Promise<Place> {
  const data = join(folder, 'data');
  mkdirSync(data, { recursive: true });
  return { port: port ?? (await freePort()), data };
}

async function started(folder: string, command: string[], at: Place, repository: Repository): Promise<OffsiteServer> {
  let keeper: ChildProcess | undefined;
  const server: OffsiteServer = {
    ...repository,
    ...at,
    start: async () => {
      const log = join(folder, 'log');
      keeper ??= keep(command, log);
      for (const end = performance.now() + PATIENCE; !(await answers(at.port));) {
        if (keeper.exitCode !== null || performance.now() > end) {
          throw new Error(`${command.join(' ')}: exit code ${keeper.exitCode}: ${readFileSync(log, 'utf8')}`);
        }
        await sleep(10);
      }
    },
    stop: async () => {
      if (keeper?.exitCode !== null || keeper.signalCode !== null) return;
      const exited = new Promise(done => keeper?.once('exit', done));
      keeper.stdin?.end();
      await exited;
      keeper = undefined;
    },
  };
  await server.start();
  return server;
}

/** What a server says goes into a file: a test that waits for a program reads no pipe meanwhile. */
function keep(command: string[], log: string): ChildProcess {
  const output = openSync(log, 'a');
  const script = resolve('out/test/support/keeper.js');
  const keeper = spawn(process.execPath, [script, ...command], { stdio: ['pipe', output, output] });
  closeSync(output);
  return keeper;
}

/** Below those that the system hands out by itself, so that nothing else gets it in between. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const free = await new Promise<boolean>(told => {
      const probe = createServer();
      probe.once('error', () => told(false));
      probe.listen(port, '127.0.0.1', () => probe.close(() => told(true)));
    });
    if (free) return port;
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise(told => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      told(true);
    });
    socket.once('error', () => told(false));
  });
}

/** It starts itself anew for each connection, and wants to know where it is. */
function sshd(): string {
  return ['/usr/sbin/sshd', '/usr/local/sbin/sshd', '/usr/bin/sshd'].find(path => existsSync(path)) ?? '';
}

function must(program: string, args: string[], options: Parameters<typeof runProgram>[2] = {}): string {
  const { status, stdout, stderr, error } = runProgram(program, args, options);
  if (status !== 0) throw error ?? new Error(`${program} ${args.join(' ')}: exit code ${status}: ${stderr}`);
  return stdout;
}

function writeLines(file: string, lines: string[]): void {
  writeFileSync(file, `${lines.map(line => line.trim()).join('\n')}\n`);
}

function writeScript(file: string, text: string): void {
  writeFileSync(file, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
}
