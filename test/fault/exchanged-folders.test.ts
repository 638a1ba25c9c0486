import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { assertSameTrees, installed } from '../support/judges.js';
import { Sandbox, type Restored, type SnapshotJson } from '../support/sandbox.js';
import { start, startPhlb, until, type Running } from './support/processes.js';

const SECRET = 'what nobody but its owner may read';
/** The number of renameat2(2). */
const RENAMEAT2 = { x64: '316', arm64: '276' }[process.arch as string];
/** How long an attack is stood; the more processors, the more often it would succeed. */
const ROUNDS = Number(process.env['PHLB_TEST_ATTACKS'] ?? 3);

const FOLDERS = 12;
const FILES = 40;

describe('Somebody who owns the folder and exchanges what is in it for symlinks, all the time,', () => {
  let box: Sandbox;
  let source: string;
  let victim: string;
  let attacker: Running | undefined;

  beforeEach(function () {
    if (process.platform !== 'linux' || RENAMEAT2 === undefined || !installed('perl')) return this.skip();
    box = new Sandbox();
    source = box.path('documents');
    victim = box.path('victim');
    attacker = undefined;
  });
  afterEach(async () => {
    await stopAttack();
    box.dispose();
  });

  async function attack(...pairs: (readonly [string, string])[]): Promise<void> {
    attacker = start(box, ['perl', resolve('test/fault/support/exchange.pl'), RENAMEAT2 ?? '', ...pairs.flat()]);
    const { said } = attacker;
    await until('exchanges', () => said() !== '');
    assert.equal(said(), 'begun\n');
  }

  async function stopAttack(): Promise<void> {
    attacker?.child.kill('SIGKILL');
    await attacker?.ended;
  }

  /** Folders with the layout of the victim's, each with a symlink to the victim's to be exchanged for it. */
  function trapsIn(folder: string, size: (file: number) => number): (readonly [string, string])[] {
    mkdirSync(box.path('attic'));
    return Array.from({ length: FOLDERS }, (_, d) => {
      const own = join(folder, `d${d}`);
      mkdirSync(join(own, 'sub'), { recursive: true });
      for (let f = 0; f < FILES; f++) writeFileSync(join(own, 'sub', `f${f}`), `own ${d} ${f} `.padEnd(size(f), '.'));
      symlinkSync(victim, box.path('attic', `link${d}`));
      return [own, box.path('attic', `link${d}`)] as const;
    });
  }

  function fillVictim(size: (file: number) => number): void {
    mkdirSync(join(victim, 'sub', 'inner'), { recursive: true });
    for (let f = 0; f < FILES; f++) {
      writeFileSync(join(victim, 'sub', `f${f}`), SECRET.padEnd(size(f), '!'));
      writeFileSync(join(victim, 'sub', `victims-name-${f}`), SECRET);
      symlinkSync('victims-target', join(victim, 'sub', `link${f}`));
    }
    writeFileSync(join(victim, 'sub', '.phlbignore'), `${SECRET}${'*a'.repeat(500)}\n`);
    writeFileSync(join(victim, 'sub', 'inner', 'victims-name'), SECRET);
  }

  function assertNoSecret(): void {
    const found = spawnSync('grep', ['-rla', SECRET, box.root], { encoding: 'utf8' });
    assert.equal(found.stdout, '', 'what is outside of the source is in the backup location');
  }

  /** Nothing in the root, stored, recorded or said, is of the victim. */
  function assertNothingTaken(said: string): void {
    assertNoSecret();
    const found = spawnSync('grep', ['-rla', 'victims-', box.root], { encoding: 'utf8' });
    assert.equal(found.stdout, '', 'names from outside of the source are in the backup location');
    const links = spawnSync('find', [box.root, '(', '-name', 'victims-*', '-o', '-lname', 'victims-*', ')'], {
      encoding: 'utf8',
    });
    assert.equal(links.stdout, '');
    const manifests = execFileSync('find', [join(box.root, '.phlb'), '-name', '*.gz'], { encoding: 'utf8' });
    for (const file of manifests.split('\n').filter(line => line !== '')) {
      assert.doesNotMatch(gunzipSync(readFileSync(file)).toString('latin1'), /victims-/, file);
    }
    assert.doesNotMatch(said, /victims-|nobody but its owner/);
  }

  it('has nothing from outside of the source in a first backup, or in later ones', async () => {
    // Small ones are read as they are met, large ones in a pass of their own.
    const size = (file: number): number => (file % 10 === 0 ? 1_200_000 : 300);
    fillVictim(size);
    const traps = trapsIn(source, size);
    await attack(...traps);
    for (let round = 0; round < ROUNDS; round++) {
      const { code, said } = await startPhlb(box, 'backup', source, '--json', '--quiet').ended;
      assert.ok(code === 0 || code === 3, said);
      const [told] = (JSON.parse(said) as { snapshots: SnapshotJson[] }).snapshots;
      assert.equal(told?.published, true);
      assertNothingTaken(said);
      // What was not there at that moment is a symlink, or is named.
      for (const { code: why } of told?.errors ?? [])
        assert.ok(['ENOTDIR', 'ELOOP', 'ENOENT', 'EINVAL', 'ENOTFILE'].includes(why), why);
    }
    await stopAttack();
    assert.deepEqual(box.json<{ damaged: object[] }>(0, 'verify').damaged, []);
  });

  it('and the source folder itself, has nothing from outside in a backup', async () => {
    fillVictim(() => 300);
    trapsIn(source, () => 300);
    symlinkSync(victim, box.path('attic', 'link'));
    box.backup(source);
    // What a symlink leads to when the run begins is what was asked for: only what comes later is an attack.
    writeFileSync(join(source, 'd0', 'slow'), 'slow '.repeat(2_000_000));
    const running = startPhlb(box, 'backup', source, '--json', '--quiet', '--checksum');
    const partial = join(box.root, '.phlb', 'partial');
    await until('a tree', () => readdirSync(partial).some(name => !name.endsWith('.new')));
    renameSync(source, box.path('attic', 'away'));
    symlinkSync(victim, source);
    const { said } = await running.ended;
    assertNothingTaken(said);
  });

  it('has nothing outside of the target written, changed or removed by a restore, with --delete, and its undo', async () => {
    fillVictim(() => 300);
    const traps = trapsIn(source, () => 300);
    for (let d = 0; d < FOLDERS; d++) symlinkSync('somewhere', join(source, `d${d}/sub/a-link`));
    box.backup(source);
    const before = state(victim);
    for (let round = 0; round < ROUNDS; round++) {
      for (let d = 0; d < FOLDERS; d++) {
        const sub = join(source, `d${d}/sub`);
        for (let f = 0; f < FILES; f += 2) rmSync(join(sub, `f${f}`), { force: true });
        for (let f = 1; f < FILES; f += 4) writeFileSync(join(sub, `f${f}`), `edited ${round}`);
        for (const name of ['victims-name-1', 'victims-name-2', 'inner/victims-name']) {
          mkdirSync(join(sub, 'inner'), { recursive: true });
          writeFileSync(join(sub, name), `the owner's own`);
        }
        rmSync(join(sub, 'a-link'), { force: true });
      }
      await attack(...traps);
      for (const command of [['restore', 'documents/latest', '--delete'], ['undo']]) {
        const { code, said } = await startPhlb(box, ...command, '--json', '--quiet').ended;
        assert.ok(code === 0 || code === 3, said);
        assert.deepEqual(state(victim), before, command.join(' '));
        for (const { code: why } of (JSON.parse(said) as Restored).errors) assert.match(why, /^E[A-Z]+$/);
      }
      await stopAttack();
      // Each folder at its place again, whatever the last exchange was.
      for (const [own, link] of traps) if (spawnSync('test', ['-L', own]).status === 0) exchange(own, link);
      assertNoSecret();
    }
  });

  it('and the folders in a new one, has nothing outside of it made by a restore to there', async () => {
    fillVictim(() => 300);
    const traps = trapsIn(source, () => 300);
    const { id } = box.backup(source);
    const before = state(victim);
    const target = box.path('new');
    const pairs = traps.map(([own, link]) => [own.replace(source, target), link] as const);
    for (const [own] of pairs) mkdirSync(join(own, 'sub'), { recursive: true });
    await attack(...pairs);
    for (let round = 0; round < ROUNDS; round++) {
      const { code, said } = await startPhlb(box, 'restore', id, '--to', target, '--overwrite', '--json').ended;
      assert.ok(code === 0 || code === 3, said);
      assert.deepEqual(state(victim), before);
    }
    await stopAttack();
    assertNothingTaken('');
    // What was in reach is there.
    box.json(0, 'restore', id, '--to', box.path('calm'));
    assertSameTrees(join(box.root, id), box.path('calm'));
  });

  function exchange(one: string, other: string): void {
    const between = box.path('attic', 'between');
    renameSync(one, between);
    renameSync(other, one);
    renameSync(between, other);
  }
});

/** Names, types, modes, owners, times (also of the last change of anything) and sizes. */
function state(folder: string): string[] {
  return execFileSync('find', [folder, '-printf', '%p %y %m %U:%G %T@ %C@ %s %l\n'], { encoding: 'utf8' })
    .split('\n')
    .sort();
}
