import * as assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { Command, type BackupReply } from '../../../src/contributions.js';
import type { OffsiteCheckResult, OffsitePushResult, OffsiteRecoverResult } from '../../../src/engine/offsite/model.js';
import { DateFormat } from '../../../src/host/editor/dates.js';
import type { OffsiteState } from '../../../src/host/offsite/copies.js';
import { offsiteLines } from '../../../src/host/offsite/texts.js';
import { lightenKey } from '../../support/light-key.js';
import { callApi, scratchFolder, waitFor, workspaceFolder } from '../workspace.js';

const PASSWORD = 'a long word that is nowhere';
const restic = process.env['PHLB_TEST_RESTIC'] ?? '';

describe('Off this machine', function () {
  let scratch: ReturnType<typeof scratchFolder>;
  let repository: string;

  before(function () {
    // A real one, of the version that the engine wants.
    if (restic === '') {
      console.log('PHLB_TEST_RESTIC names no restic 0.17 or newer');
      this.skip();
    }
  });

  beforeEach(async () => {
    scratch = scratchFolder();
    repository = join(scratch.path, 'repository');
    await set('backup.location', join(scratch.path, 'backups'));
    await set('offsite.repository', repository);
    await set('offsite.resticPath', restic);
  });

  afterEach(async () => {
    delete process.env['RESTIC_PASSWORD'];
    for (const id of ['backup.location', 'offsite.repository', 'offsite.resticPath', 'offsite.schedule']) {
      await set(id, undefined);
    }
    scratch.remove();
  });

  it('copies all snapshots into a repository that restic itself can read', async () => {
    const [first, second] = [await backUp('one'), await backUp('two')];
    makeRepository();
    const result = await copied();
    assert.deepEqual(
      result.uploaded.map(({ id }) => id),
      [first.id, second.id],
    );
    assert.equal(result.pending, 0);
    const target = join(scratch.path, 'by restic');
    run(['restore', 'latest', '--target', target, '--tag', `phlb:${second.id}`]);
    const [report = ''] = execFileSync('find', [target, '-name', 'report.md'], { encoding: 'utf8' }).split('\n');
    assert.equal(readFileSync(report, 'utf8'), readFileSync(join(second.path, 'report.md'), 'utf8'));
    assert.equal((await copied()).uploaded.length, 0, 'a second time there is nothing to be done');
  });

  it('keeps the password out of settings, logs and what is remembered, else who reads those reads all copies', async () => {
    await backUp('secret');
    makeRepository();
    await copied();
    await callApi<OffsiteCheckResult>(Command.offsiteCheck);
    const settings = JSON.stringify(vscode.workspace.getConfiguration('phlb'));
    assert.ok(!settings.includes(PASSWORD));
    // The home folder with PHLB's state, the editor's data with its logs and its memory.
    const all = dirname(homedir());
    const { stdout } = spawnSync('grep', ['-rlF', PASSWORD, all], { encoding: 'utf8' });
    assert.equal(stdout, '');
    assert.ok(readdirSync(all).includes('data'), all);
  });

  it('says what is wrong with a password, and with one that is not known', async () => {
    await backUp('wrong');
    makeRepository();
    await assert.rejects(async () => callApi(Command.offsitePush), /password of the repository is not known/);
    process.env['RESTIC_PASSWORD'] = 'another one';
    await assert.rejects(async () => callApi(Command.offsitePush), /password of the repository is wrong/);
    await assert.rejects(
      async () => callApi(Command.offsiteRecover, repository),
      /password of the repository is wrong/,
    );
  });

  it('makes no repository unasked, else a typing error goes unnoticed', async () => {
    await backUp('none');
    process.env['RESTIC_PASSWORD'] = PASSWORD;
    await assert.rejects(async () => callApi(Command.offsitePush), /no repository/);
    assert.ok(!existsSync(repository));
    await set('offsite.repository', undefined);
    await assert.rejects(async () => callApi(Command.offsitePush), /No repository for copies off this machine is set/);
  });

  it('finds what has rotted there', async () => {
    await backUp('rotten');
    makeRepository();
    await copied();
    const whole = await callApi<OffsiteCheckResult>(Command.offsiteCheck);
    assert.deepEqual([whole.copies, whole.errors], [1, []]);
    const [pack = ''] = execFileSync('find', [join(repository, 'data'), '-type', 'f'], { encoding: 'utf8' }).split(
      '\n',
    );
    spawnSync('chmod', ['u+w', pack]);
    const bytes = readFileSync(pack);
    bytes[10] = (bytes[10] ?? 0) ^ 0xff;
    writeFileSync(pack, bytes);
    const damaged = await callApi<OffsiteCheckResult>(Command.offsiteCheck);
    assert.ok(damaged.errors.length > 0);
  });

  it('recovers everything into an empty location, and the next backup goes on with the history', async () => {
    const [first, second] = [await backUp('three'), await backUp('four')];
    makeRepository();
    await copied();
    const elsewhere = join(scratch.path, 'new disk');
    mkdirSync(elsewhere);
    await set('backup.location', elsewhere);
    const result = await callApi<OffsiteRecoverResult>(Command.offsiteRecover, repository);
    assert.deepEqual(result.errors, []);
    assert.deepEqual(result.ids.toSorted(), [first.id, second.id].toSorted());
    for (const { id, path } of [first, second]) {
      const { status, stdout } = spawnSync('diff', ['-r', path, join(elsewhere, id)], { encoding: 'utf8' });
      assert.equal(status, 0, stdout);
    }
    const next = await backUp('five');
    assert.equal(dirname(next.id), dirname(second.id));
  });

  it('copies by the clock only the newest, where automatic backups are agreed to or off', async function () {
    this.timeout(180_000);
    await backUp('early');
    const newest = await backUp('late');
    makeRepository();
    process.env['RESTIC_PASSWORD'] = PASSWORD;
    await set('offsite.schedule', 'hourly');
    // A window that was opened just now waits for a minute.
    await waitFor('a copy by the clock', () => copies().length > 0 && isIdle(), 120_000);
    assert.deepEqual(copies(), [`phlb:${newest.id}`]);
  });

  async function copied(): Promise<OffsitePushResult> {
    process.env['RESTIC_PASSWORD'] = PASSWORD;
    return callApi<OffsitePushResult>(Command.offsitePush);
  }

  function makeRepository(): void {
    run(['init']);
    lightenKey(repository, PASSWORD);
  }

  function run(args: readonly string[]): string {
    const env = { ...process.env, RESTIC_REPOSITORY: repository, RESTIC_PASSWORD: PASSWORD };
    return execFileSync(restic, [...args], { env, encoding: 'utf8' });
  }

  function copies(): string[] {
    const snapshots = JSON.parse(run(['snapshots', '--json', '--no-lock'])) as { tags: string[] }[];
    return snapshots.flatMap(({ tags }) => tags.filter(tag => tag.startsWith('phlb:')));
  }

  function isIdle(): boolean {
    return readdirSync(join(repository, 'locks')).length === 0;
  }
});

describe('The words for copies Off this machine', () => {
  const at = Date.UTC(2016, 0, 7, 12);
  const dates = new DateFormat(
    'en',
    () => 'en-US',
    () => new Date(at),
  );
  const hour = 3_600_000;
  const state = (more: Partial<OffsiteState>, pending = 0, pendingNewest = 0): OffsiteState => ({
    ...{ repository: '/mnt/usb', isCopying: false, history: {}, problem: undefined },
    status: {
      ...{ repository: '/mnt/usb', lastPush: null, lastCheck: null, copies: [], bytes: null },
      pending: Array.from({ length: pending }, (_, n) => `documents/${n}`),
      pendingNewest: Array.from({ length: pendingNewest }, (_, n) => `documents/${n}`),
    },
    ...more,
  });

  it('are none where there are none, else everybody is told of what few want', () => {
    assert.deepEqual(offsiteLines(state({ repository: undefined }), 'off', dates), []);
  });

  it('tell when the last copy was and what waits', () => {
    const history = { success: at - 2 * hour };
    assert.deepEqual(offsiteLines(state({ history }, 3), 'off', dates), [
      'Copied off this machine 2 hours ago, 3 snapshots wait',
    ]);
    assert.deepEqual(offsiteLines(state({ history }, 3, 1), 'daily', dates), [
      'Copied off this machine 2 hours ago, 1 snapshot waits',
    ]);
    assert.deepEqual(offsiteLines(state({ history }, 3, 0), 'daily', dates), ['Copied off this machine 2 hours ago']);
    assert.deepEqual(offsiteLines(state({}, 2), 'off', dates), [
      'Not copied off this machine yet, waiting: 2 snapshots',
    ]);
  });

  it('tell since when copies fail and why', () => {
    const history = { success: at - 50 * hour, failure: at, failingSince: at - 26 * hour };
    const [first = '', second] = offsiteLines(state({ history, problem: 'no answer' }), 'daily', dates);
    assert.match(first, /^Copying off this machine fails since .*: no answer$/);
    assert.equal(second, 'Copied off this machine 2 days ago');
  });
});

async function backUp(text: string): Promise<{ id: string; path: string }> {
  writeFileSync(join(workspaceFolder(), 'report.md'), `${text} ${Date.now()}\n`);
  const { snapshots } = await callApi<BackupReply>(Command.backupWorkspace);
  const [result] = snapshots;
  assert.ok(result?.id && result.path, JSON.stringify(snapshots));
  return { id: result.id, path: result.path };
}

async function set(id: string, value: unknown): Promise<void> {
  await vscode.workspace.getConfiguration('phlb').update(id, value, vscode.ConfigurationTarget.Global);
}
