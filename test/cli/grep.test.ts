import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gitIn } from '../support/git.js';
import { CLI, Sandbox } from '../support/sandbox.js';

interface Match {
  type: string;
  path: string;
  pathBase64?: string;
  first: string;
  last: string;
  deleted: boolean;
  line: number;
  text: string;
  cut?: boolean;
}
interface Summary {
  matches: number;
  contents: number;
  skipped: number;
  binary: number;
  tooLarge: number;
  errors?: { path: string; code: string }[];
}
interface Change {
  path: string;
  snapshot: string;
  before: number;
  after: number;
}

describe('phlb grep', () => {
  let box: Sandbox;

  beforeEach(() => (box = new Sandbox()));
  afterEach(() => box.dispose());

  /** What it says line by line, without its last word; and that. */
  function grep<T = Match>(status: number, ...args: string[]): { found: T[]; summary: Summary } {
    const ended = box.phlb('grep', ...args, '--json');
    assert.equal(ended.status, status, `phlb grep ${args.join(' ')}: ${ended.stderr}${ended.stdout}`);
    const lines = ended.stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as T & { type: string });
    const summary = lines.pop();
    assert.equal(summary?.type, 'summary');
    return { found: lines, summary: summary as unknown as Summary };
  }
  const texts = (...args: string[]): string[] => grep(0, ...args).found.map(({ path, text }) => `${path}: ${text}`);
  const paths = (...args: string[]): string[] => [...new Set(grep(0, ...args).found.map(({ path }) => path))].sort();
  const text = (...args: string[]): string => {
    const { status, stdout, stderr } = box.phlb('grep', ...args);
    assert.equal(status, 0, stderr);
    // Spans, to the minute of this run.
    return stdout.replace(/ {2}\d{4}-\d\d-\d\d \d\d:\d\d( – \d{4}-\d\d-\d\d \d\d:\d\d)?/g, (_, more) =>
      more ? '  A – B' : '  A',
    );
  };

  it('tells each version of a path once, with the snapshots that hold it, the newest first', () => {
    box.write({ 'documents/a.ts': 'one\nthe line\n', 'documents/b.ts': 'other\n' });
    const ids = [box.backup('documents').id];
    box.write({ 'documents/b.ts': 'another\n' });
    ids.push(box.backup('documents').id);
    box.write({ 'documents/a.ts': 'nothing\n' });
    ids.push(box.backup('documents').id);
    box.write({ 'documents/a.ts': 'one\nthe line\n', 'documents/copy.ts': 'one\nthe line\n' });
    ids.push(box.backup('documents').id);
    const { found, summary } = grep(0, 'the line');
    const [first, second, , fourth] = ids;
    const common = { type: 'match', deleted: false, line: 2, text: 'the line' };
    assert.deepEqual(found, [
      { ...common, path: 'a.ts', first: fourth, last: fourth },
      { ...common, path: 'copy.ts', first: fourth, last: fourth },
      { ...common, path: 'a.ts', first, last: second },
    ]);
    assert.deepEqual(summary, { type: 'summary', matches: 3, contents: 4, skipped: 0, binary: 0, tooLarge: 0 });
    assert.equal(text('the line'), 'a.ts  A\n2: the line\n\ncopy.ts  A\n2: the line\n\na.ts  A – B\n2: the line\n');
  });

  it('reads a content once, whatever the modes, names and sources of it', () => {
    box.write({ 'documents/a': 'shared text', 'documents/b': 'shared text', 'letters/c': 'shared text' });
    chmodSync(box.path('documents/b'), 0o755);
    box.backup('documents');
    box.backup('letters');
    const { found, summary } = grep(0, 'shared');
    assert.deepEqual(found.map(({ first, path }) => `${first.split('/')[0]} ${path}`).sort(), [
      'documents a',
      'documents b',
      'letters c',
    ]);
    assert.equal(summary.contents, 1);
    assert.deepEqual(paths('shared', '--source', 'letters'), ['c']);
    assert.match(text('shared'), /^letters: c {2}A\n/, 'the sources are named where there are several');
    chmodSync(box.path('documents/a'), 0o755);
    box.backup('documents');
    assert.equal(grep(0, 'shared', 'a').found.length, 1, 'another mode is not another version');
  });

  it('takes the options of ripgrep and grep', () => {
    box.write({
      'documents/src/a.ts': 'Alpha\nbeta\ngamma alpha\nalphabet\na.b\naxb\nlast\n',
      'documents/src/deep/b.ts': 'ALPHA\r\nx\r\n',
      'documents/c.md': 'alpha\n',
    });
    box.backup('documents');
    assert.deepEqual(texts('alpha', 'src').length, 4, 'no capital letter: in any case');
    assert.deepEqual(texts('Alpha'), ['src/a.ts: Alpha']);
    assert.deepEqual(texts('-s', 'alpha', 'a.ts'), ['src/a.ts: gamma alpha', 'src/a.ts: alphabet']);
    assert.equal(texts('-i', 'Alpha').length, 5);
    assert.deepEqual(texts('-F', 'a.b'), ['src/a.ts: a.b']);
    assert.deepEqual(texts('a.b'), ['src/a.ts: a.b', 'src/a.ts: axb']);
    assert.deepEqual(texts('-w', 'alpha', '-g', '!c.md'), [
      'src/a.ts: Alpha',
      'src/a.ts: gamma alpha',
      'src/deep/b.ts: ALPHA',
    ]);
    assert.deepEqual(
      texts('x$', '*.ts'),
      ['src/a.ts: axb', 'src/deep/b.ts: x'].slice(1),
      'a line ends before its CR LF',
    );
    assert.deepEqual(paths('alpha', '*.ts'), ['src/a.ts', 'src/deep/b.ts']);
    assert.deepEqual(paths('alpha', 'src/*.ts'), ['src/a.ts']);
    assert.deepEqual(paths('alpha', '-g', '!src/deep'), ['c.md', 'src/a.ts']);
    assert.deepEqual(paths('alpha', 'src/', '!b.*'), ['src/a.ts']);
    assert.deepEqual(paths('alpha', 'c.md/'), []);
    assert.equal(text('-l', 'alpha'), 'c.md\nsrc/a.ts\nsrc/deep/b.ts\n');
    assert.equal(text('-c', 'alpha', 'src'), 'src/a.ts  A: 3\nsrc/deep/b.ts  A: 1\n');
    assert.equal(text('-A1', 'Alpha'), 'src/a.ts  A\n1: Alpha\n2- beta\n');
    assert.equal(text('-B', '1', 'gamma|last'), 'src/a.ts  A\n2- beta\n3: gamma alpha\n--\n6- axb\n7: last\n');
    assert.equal(text('-C1', 'gamma', '-A', '0'), 'src/a.ts  A\n2- beta\n3: gamma alpha\n');
    const [line] = grep<object>(0, '-l', 'Alpha').found;
    assert.deepEqual(Object.keys(line ?? {}), ['type', 'path', 'first', 'last', 'deleted']);
    assert.deepEqual(
      grep<{ count: number }>(0, '-c', 'gamma|last').found.map(({ count }) => count),
      [2],
    );
    const around = grep(0, '-A1', 'Alpha').found;
    assert.deepEqual(
      around.map(({ type, line, text }) => [type, line, text]),
      [
        ['match', 1, 'Alpha'],
        ['context', 2, 'beta'],
      ],
    );
  });

  it('refuses what makes no sense in one line, and finds nothing without calling that a failure', () => {
    box.write({ 'documents/a': 'text' });
    box.backup('documents');
    const refused: [RegExp, ...string[]][] = [
      [/^phlb: Not a regular expression: missing closing \): `\(` \(/, '('],
      [/too large/, 'a'.repeat(5000)],
      [/too large/, 'a{0,1000}'.repeat(25)],
      [/cannot go beyond the end of a line/, 'a\nb'],
      [/Only one of/, '-i', '-s', 'a'],
      [/Not a number of lines: x/, '-A', 'x', 'a'],
      [/Not a number of lines/, '-A', '2000', 'a'],
      [/--since needs a time, not yesterday/, '--since', 'yesterday', 'a'],
      [/The glob is empty/, 'a', '!'],
      [/but not both at once/, '--changes', '--deleted', 'a'],
      [/Not a size/, '--max-size', 'x', 'a'],
      [/more than 256 MiB/, '--max-size', 'none', 'a'],
      [/grep needs a pattern/],
    ];
    for (const [said, ...args] of refused) {
      const { status, stderr, stdout } = box.phlb('grep', ...args);
      assert.match(stderr, said);
      assert.deepEqual([status, stdout, stderr.split('\n').length], [2, '', 2], stderr);
    }
    assert.match(box.phlb('grep', '--source', 'nobody', 'a').stderr, /There is no source nobody/);
    assert.deepEqual(box.phlb('grep', 'nowhere'), { status: 0, stdout: '', stderr: '' });
    assert.equal(grep(0, 'nowhere').summary.matches, 0);
  });

  it('looks only at the snapshots of the time that was asked for', () => {
    box.write({ 'documents/a': 'old word' });
    const old = box.backup('documents');
    box.write({ 'documents/a': 'new word' });
    const young = box.backup('documents');
    assert.deepEqual(texts('word', '--since', young.startedAt), ['a: new word']);
    assert.deepEqual(texts('word', '--until', old.startedAt), ['a: old word']);
    assert.deepEqual(texts('word', '--until', '30d'), []);
    assert.deepEqual(texts('word', '--since', '2016-01-07', '--until', '2016-01-07 23:59'), []);
    assert.equal(texts('word', '--since', '1h').length, 2);
    assert.deepEqual(
      grep<Change>(0, 'old', '--changes', '--since', young.startedAt).found.map(c => [c.before, c.after]),
      [[1, 0]],
    );
  });

  it('tells what is gone today: a file, a line of one, and not what is still there', () => {
    box.write({
      'documents/a.ts': 'keep me\nlose me\n',
      'documents/b.ts': 'in a lost file: me\n',
      'documents/sub/c.ts': 'me\n',
    });
    box.backup('documents');
    box.write({ 'documents/a.ts': 'more\r\nkeep me\r\n' });
    rmSync(box.path('documents/b.ts'));
    assert.deepEqual(texts('--deleted', 'me'), ['a.ts: lose me', 'b.ts: in a lost file: me']);
    assert.deepEqual(
      grep(0, 'me').found.map(({ text, deleted }) => [text, deleted]),
      [
        ['keep me', false],
        ['lose me', true],
        ['in a lost file: me', true],
        ['me', false],
      ],
    );
    assert.equal(text('--deleted', '-B1', 'me', 'a.ts'), 'a.ts  A  deleted\n1- keep me\n2: lose me\n');
    assert.match(text('me', 'a.ts'), /^a\.ts {2}A\n/, 'not all of it is gone');
    // What a folder is today is no file.
    rmSync(box.path('documents/sub'), { recursive: true });
    box.write({ 'documents/sub': 'me\n', 'documents/b.ts/me': 'me\n' });
    assert.deepEqual(paths('--deleted', 'me'), ['a.ts', 'b.ts', 'sub/c.ts']);
    // Where the source is not at hand, its newest snapshot decides.
    box.backup('documents');
    rmSync(box.path('documents'), { recursive: true });
    assert.deepEqual(paths('--deleted', 'me'), ['a.ts', 'b.ts', 'sub/c.ts']);
  });

  it('follows the number of matches as git log -S does', () => {
    mkdirSync(box.path('documents'));
    const git = gitIn(box, box.path('documents'));
    git('init', '-q');
    const versions: Record<string, string | null>[] = [
      { 'a.txt': 'needle\n', 'b.txt': 'x\n' },
      { 'a.txt': 'needle needle\n', 'b.txt': 'needle\n' },
      { 'a.txt': 'other needle\nneedle\n' },
      { 'b.txt': null, 'sub/c.txt': 'needle\n' },
      { 'a.txt': 'none\n', 'b.txt': 'needle\n' },
      { 'a.txt': 'none at all\n' },
    ];
    const commits = new Map<string, string>();
    for (const [at, files] of versions.entries()) {
      for (const [path, content] of Object.entries(files)) {
        if (content === null) rmSync(box.path('documents', path));
        else box.write({ [`documents/${path}`]: content });
      }
      git('add', '-A');
      git('commit', '-q', '-m', String(at));
      commits.set(String(at), box.backup('documents', '--exclude', '.git').id);
    }
    const told = git('log', '-S', 'needle', '--no-renames', '--name-only', '--format=commit %s')
      .split('commit ')
      .flatMap(part => {
        const [subject = '', ...files] = part.split('\n').filter(line => line !== '');
        return files.map(file => `${commits.get(subject)} ${file}`);
      });
    const { found, summary } = grep<Change>(0, '--changes', 'needle');
    assert.deepEqual(found.map(({ snapshot, path }) => `${snapshot} ${path}`).sort(), told.sort());
    assert.deepEqual(
      found.filter(({ path }) => path === 'a.txt').map(({ before, after }) => [before, after]),
      [
        [2, 0],
        [1, 2],
        [0, 1],
      ],
    );
    assert.equal(summary.matches, found.length);
    assert.match(
      box.phlb('grep', '--changes', 'needle', 'sub').stdout,
      /^\d{4}-\d\d-\d\d \d\d:\d\d {2}sub\/c\.txt {2}0 -> 1\n$/,
    );
  });

  it('reads UTF-8, UTF-16 by its mark, and passes binary and large files over, saying how many', () => {
    mkdirSync(box.path('documents'));
    const write = (name: string, bytes: Buffer): void => writeFileSync(box.path('documents', name), bytes);
    const line = 'Straße nach Köln\n';
    write('utf8', Buffer.from(line));
    write('marked', Buffer.from(`\ufeff${line}`));
    write('le', Buffer.from(`\ufeff${line}`, 'utf16le'));
    write('be', Buffer.from(`\ufeff${line}`, 'utf16le').swap16());
    write('binary', Buffer.from(`\0${line}`));
    write('late', Buffer.concat([Buffer.alloc(9000, 'x\n'), Buffer.from(`\0\n${line}`)]));
    write('latin1', Buffer.from(line, 'latin1'));
    write('large', Buffer.concat([Buffer.alloc(2 << 20, 'x'), Buffer.from(`\n${line}`)]));
    box.backup('documents');
    for (const pattern of ['straße', '^strasse|^straße', 'Stra.e nach K.ln$', 'KÖLN']) {
      const args = pattern === 'KÖLN' ? ['-i', pattern] : [pattern];
      const expected = ['be', 'large', 'late', 'le', 'marked', 'utf8'];
      if (pattern.startsWith('Stra')) expected.splice(1, 0, 'latin1');
      assert.deepEqual(paths(...args), expected.sort(), pattern);
    }
    const { summary } = grep(0, '-F', 'nach', '--max-size', '1M');
    assert.deepEqual([summary.contents, summary.skipped, summary.binary, summary.tooLarge], [6, 2, 1, 1]);
    assert.match(
      box.phlb('grep', 'nach', '--max-size', '1M').stderr,
      /^phlb: 1 content larger than 1\.0 MiB not searched \(--max-size\)\n$/,
    );
    assert.equal(grep(0, 'K', 'k*').summary.matches, 0);
    // Signs beyond ASCII of which these are the small letters.
    write('kelvin', Buffer.from('\u212a\n\u017f\n'));
    box.backup('documents');
    assert.deepEqual(texts('k', 'kelvin'), ['kelvin: \u212a']);
    assert.deepEqual(texts('s', 'kelvin'), ['kelvin: \u017f']);
  });

  it('ends with patterns that others hang at, and cuts long lines around the match', () => {
    const long = `${'a'.repeat(300_000)}!`;
    box.write({ 'documents/a': `${long}\n`, 'documents/b': `${'x '.repeat(200_000)}needle ${'y '.repeat(200_000)}\n` });
    box.backup('documents');
    for (const pattern of ['(a+)+$', '(a|aa)+b', '(.*a){10}b', '^(([a-z])+.)+[A-Z]([a-z])+$'])
      assert.deepEqual(texts(pattern), []);
    const [found] = grep(0, 'needle').found;
    assert.equal(found?.cut, true);
    assert.match(found?.text ?? '', /^(x |x?$| x)*.*needle (y ){100}/);
    assert.equal(found?.text.length, 500);
    assert.match(text('needle'), / \[…\]\n$/);
    // Whole lines are compared, not what is shown of them.
    assert.equal(found?.deleted, false);
    appendFileSync(box.path('documents/b'), 'z');
    box.write({ 'documents/b': readFileSync(box.path('documents/b'), 'utf8').replace('\n', ' end\n') });
    assert.equal(grep(0, 'needle').found[0]?.deleted, true);
  });

  it('finds all of very many lines, in their order', () => {
    const lines = Array.from({ length: 12_345 }, (_, i) => `line ${i}`);
    box.write({ 'documents/a': lines.join('\n'), 'documents/b': `${lines.join('\n')}\n` });
    box.backup('documents');
    const { found, summary } = grep(0, '^line');
    assert.equal(summary.matches, 24_690);
    for (const name of ['a', 'b']) {
      assert.deepEqual(
        found.filter(({ path }) => path === name).map(({ line, text }) => [line, text]),
        lines.map((text, i) => [i + 1, text]),
      );
    }
    assert.equal(text('-c', '^line'), 'a  A: 12345\nb  A: 12345\n');
    assert.equal(text('-l', '^line'), 'a\nb\n');
    const near = lines.filter((_, i) => [i - 1, i, i + 1].some(at => lines[at]?.includes('7')));
    assert.deepEqual(
      grep(0, '-C1', '7', 'a').found.map(one => one.text),
      near,
      'also what stands around them',
    );
  });

  it('shows names and lines as data', () => {
    box.write({ 'documents/evil\u001b[2J\n.txt': 'needle \u001b]0;title\u0007\tok\u202e\n' });
    mkdirSync(box.path('documents/sub'));
    writeFileSync(Buffer.concat([Buffer.from(box.path('documents/sub/n')), Buffer.from([0xff])]), 'needle\n');
    box.backup('documents');
    assert.equal(
      text('needle'),
      'evil\\x1b[2J\\n.txt  A\n1: needle \\x1b]0;title\\x07\tok\\u202e\n\nsub/n\\xff  A\n1: needle\n',
    );
    const odd = grep(0, 'needle', 'sub').found[0];
    assert.equal(odd?.pathBase64, Buffer.from('sub/n\xff', 'latin1').toString('base64'));
    rmSync(Buffer.concat([Buffer.from(box.path('documents/sub/n')), Buffer.from([0xff])]));
    assert.deepEqual(
      grep(0, '--deleted', 'needle').found.map(({ pathBase64 }) => pathBase64),
      [odd?.pathBase64],
    );
  });

  it('does without the trees that were removed by hand, and mends a damaged index', () => {
    box.write({ 'documents/a': 'first needle' });
    const first = box.backup('documents');
    box.write({ 'documents/a': 'second needle', 'documents/b': 'first needle' });
    const second = box.backup('documents');
    rmSync(first.path, { recursive: true });
    const expected = [`${second.id} a`, `${second.id} b`];
    const told = (): string[] => grep(0, 'needle').found.map(({ first: id, path }) => `${id} ${path}`);
    assert.deepEqual(told(), expected);
    for (const name of readdirSync(join(box.state, 'index'))) writeFileSync(join(box.state, 'index', name), 'nonsense');
    assert.deepEqual(told(), expected);
    rmSync(join(box.state, 'index'), { recursive: true });
    assert.deepEqual(told(), expected);
    rmSync(second.path, { recursive: true });
    assert.deepEqual(told(), []);
  });

  it('names a stored file that cannot be read, and goes on', () => {
    box.write({ 'documents/a': 'needle a', 'documents/b': 'needle b' });
    const { path } = box.backup('documents');
    rmSync(join(path, 'a'));
    const { found, summary } = grep(3, 'needle');
    assert.deepEqual(
      found.map(one => one.path),
      ['b'],
    );
    assert.deepEqual(
      summary.errors?.map(({ path: which, code }) => [which, code]),
      [[join(path, 'a'), 'ENOENT']],
    );
    const { status, stdout, stderr } = box.phlb('grep', 'needle');
    assert.deepEqual([status, stdout.split('\n')[1]], [3, '1: needle b']);
    assert.match(stderr, /^phlb: [^\n]*\/a: ENOENT[^\n]*\n$/);
    // Another snapshot has the content under another name.
    box.write({ 'documents/c': 'needle a' });
    box.backup('documents');
    assert.deepEqual(paths('needle'), ['a', 'b', 'c']);
  });

  it('ends at Ctrl-C midway with 130, and leaves whole lines', async () => {
    box.write({ 'documents/a': 'needle\n'.repeat(400_000), 'documents/b': 'needle 2\n'.repeat(400_000) });
    box.backup('documents');
    const run = spawn(process.execPath, [CLI, 'grep', '--json', 'needle'], { cwd: box.dir, env: box.env });
    let out = '';
    run.stdout.on('data', (chunk: Buffer) => {
      if (out === '') run.kill('SIGINT');
      out += chunk.toString();
    });
    const [code] = (await once(run, 'close')) as [number];
    assert.equal(code, 130);
    const lines = out
      .trim()
      .split('\n')
      .map(line => JSON.parse(line) as { type?: string; errors?: { code: string }[] });
    assert.ok(lines.length < 800_000);
    assert.equal(lines.pop()?.errors?.[0]?.code, 'cancelled');
    assert.ok(lines.every(({ type }) => type === 'match'));
  });

  it('ends when whoever reads it has enough, and says nothing', () => {
    box.write({ 'documents/a': 'needle\n'.repeat(200_000), 'documents/b': 'needle\n'.repeat(100_000) });
    box.backup('documents');
    for (const json of ['', '--json']) {
      const line = `set -o pipefail; "$0" "$1" grep ${json} needle | head -3`;
      const { status, stdout, stderr } = box.run(['bash', '-c', line, process.execPath, CLI]);
      assert.deepEqual([status, stderr, stdout.split('\n').length], [0, '', 4]);
    }
  });
});
