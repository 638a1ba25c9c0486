import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PhlbError } from '../../src/engine/words/errors.js';
import type { Rules } from '../../src/engine/words/model.js';
import { locationOf, startEngine } from '../support/engine.js';
import { assertSameTrees } from '../support/judges.js';
import { CLI, Sandbox, type Ended, type SnapshotJson } from '../support/sandbox.js';

/** Far more than any of these takes; unbounded, they take minutes to years. Seconds. */
const LIMIT = 60;
const DEPTH = 300;

/** Ignore files of which one rule is refused. */
const RULES: Record<string, string> = {
  'of folders at any depth, many times over': `${'**/a/'.repeat(20)}b`,
  'of any folder at any depth, many times over': `a/${'**/?/'.repeat(8)}b`,
  'of a hundred thousand wildcards': '*a'.repeat(100_000),
  'without end': 'x'.repeat(200_000),
};

/** Ignore files that are refused as a whole. */
const FILES: Record<string, string> = {
  'of a hundred thousand rules': Array.from({ length: 100_000 }, (_, n) => `*${n}*x`).join('\n'),
  'larger than any list': '# a comment\n'.repeat(200_000),
  'whose costly rule keeps what others leave out': `*\n!${'**/a/'.repeat(20)}b`,
};

/** Globs that are taken as they are: these cost nothing. */
const HARMLESS: Record<string, string> = {
  'that backtracks': `${'a*'.repeat(40)}b`,
  'of nested groups': `${'+(a|'.repeat(8)}b${')'.repeat(8)}c`,
  'of repeated groups': `${'*(a|aa)'.repeat(20)}c`,
  'of folders at any depth': `${'**/a/'.repeat(100)}b`,
};

/** Globs that are refused. */
const GLOBS: Record<string, string> = {
  'of exploding braces': '{a,b}'.repeat(30),
  'of nested braces': '{{a,b},{c,d}}'.repeat(30),
  'of a million numbers': '{1..1000000}{1..1000000}',
  'that is too long': 'a*'.repeat(10_000),
  'of groups without end': '+(a|'.repeat(5000),
};

describe('A workspace that somebody has prepared', () => {
  let box: Sandbox;
  let source: string;

  beforeEach(() => {
    box = new Sandbox();
    source = box.path('documents');
    mkdirSync(join(source, 'a/'.repeat(DEPTH)), { recursive: true });
    box.write({
      [`documents/${'a/'.repeat(DEPTH)}q`]: 'deep',
      [`documents/${'a'.repeat(250)}`]: 'long',
      'documents/x.log': '',
    });
  });
  afterEach(() => box.dispose());

  for (const [what, rule] of Object.entries(RULES)) {
    it(`does not stall a backup with a rule ${what}, which is named; the others hold`, () => {
      writeFileSync(join(source, '.phlbignore'), `# rules\n${rule}\n*.log\n`);
      const { snapshot, stderr } = backup();
      assert.match(stderr, /^phlb: Not obeyed in \.phlbignore: [^\n]{10,100}, which would take too long to try\n$/);
      assert.deepEqual(snapshot.excluded, [{ rule: '.phlbignore', directories: 0, files: 1 }]);
      assert.equal(snapshot.files, 3);
    });
  }

  for (const [what, text] of Object.entries(FILES)) {
    it(`does not stall a backup with an ignore file ${what}, and nothing is left out by it`, () => {
      writeFileSync(join(source, '.phlbignore'), text);
      const { snapshot, stderr } = backup();
      assert.match(stderr, /^phlb: Not obeyed in \.phlbignore: the whole file, [^\n]*\n$/);
      assert.deepEqual(snapshot.excluded, []);
      assertSameTrees(source, snapshot.path ?? '');
    });
  }

  for (const [what, glob] of Object.entries({ ...HARMLESS, ...GLOBS })) {
    it(`does not stall a backup with a glob ${what}, and nothing is left out that it does not name`, () => {
      const { snapshot, stderr } = backup('--exclude', glob, '--exclude', '*.log');
      if (what in GLOBS) assert.match(stderr, /^phlb: Not obeyed: the rule [^\n]{10,100}\n$/);
      else assert.equal(stderr, '');
      assert.deepEqual([snapshot.files, snapshot.excluded], [2, [{ rule: '*.log', directories: 0, files: 1 }]]);
    });
  }

  for (const [what, glob] of Object.entries(GLOBS)) {
    it(`is searched by no glob ${what}, which is refused in one line`, () => {
      backup();
      for (const args of [
        ['find', glob],
        ['purge', glob, '--yes'],
      ]) {
        const { status, stdout, stderr } = bounded(...args);
        assert.deepEqual([status, stdout], [2, '']);
        assert.match(stderr, /^phlb: [^\n]{10,200}\n$/);
      }
    });
  }

  it('names some of many refused rules, and counts the others', () => {
    writeFileSync(
      join(source, '.phlbignore'),
      Array.from({ length: 500 }, (_, n) => `${'**/a/'.repeat(9)}${n}`).join('\n'),
    );
    const { stderr } = backup();
    assert.match(stderr, /^(phlb: Not obeyed in [^\n]*\n){10}phlb: Not obeyed: 490 further rules\n$/);
  });

  it('has settings that are no rules, and they never come into the backup location', async () => {
    const engine = startEngine();
    try {
      const first = box.backup(source);
      const location = locationOf(box);
      const settings = [{ exclude: [17] }, { exclude: 'x' }, { maxFileSize: -1 }, { useGitignore: 'yes' }];
      for (const rules of settings as unknown as Partial<Rules>[]) {
        const refused = engine.call('backup', { location, source, rules });
        await assert.rejects(refused, error => PhlbError.is(error, 'usage'), JSON.stringify(rules));
      }
      assert.deepEqual(box.ids(), [first.id]);
    } finally {
      await engine.dispose();
    }
  });

  it('has an ignore file that is a FIFO, or leads to an endless one, and no run waits for it', () => {
    execFileSync('mkfifo', [join(source, '.phlbignore')]);
    symlinkSync('/dev/zero', join(source, '.gitignore'));
    assert.equal(backup('--gitignore').snapshot.files, 3);
  });

  function backup(...args: string[]): { snapshot: SnapshotJson; stderr: string } {
    // On a slow machine there would be lines of progress.
    const ended = bounded('backup', source, '--json', '--quiet', ...args);
    assert.equal(ended.status, 0, ended.stderr.slice(0, 2000));
    const { snapshots } = JSON.parse(ended.stdout) as { snapshots: SnapshotJson[] };
    return { snapshot: snapshots[0] as SnapshotJson, stderr: ended.stderr };
  }

  function bounded(...args: string[]): Ended {
    return box.run(['timeout', String(LIMIT), process.execPath, CLI, ...args]);
  }
});
