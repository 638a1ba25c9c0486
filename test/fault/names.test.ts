import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assertManifestTells, assertMtreeAgrees, assertSameTrees, bsdtarNames } from '../support/judges.js';
import { CLI, Sandbox, type Published } from '../support/sandbox.js';
import { inventory, toBytes, toPath, type Bytes } from '../support/trees.js';

/** Each of these is a file, a folder with a file in it, and what a symlink leads to. */
const NAMES: Bytes[] = [
  // No valid UTF-8: Latin-1, a stray continuation, an overlong form, a surrogate, beyond Unicode.
  ...['caf\xe9', '\x80', '\xc0\xaf', '\xed\xa0\x80', '\xf5\xff\xfe', '\xef\xbf\xbd'],
  // Line ends, blanks and control characters.
  ...['new\nline', '\n', 'carriage\rreturn', '\ttab', ' ', ' before', 'behind ', '\x01\x1b[2J\x7f'],
  // What shells, options, globs, formats and pages make something of.
  ...[
    '-rf',
    '--help',
    '-',
    "it's",
    'say "so"',
    '$(touch pwned)',
    '`touch pwned`',
    '; rm -rf x',
    '|',
    '&',
    '#',
    '!',
    '~',
  ],
  ...['*', '?', '[a-z]', '{a,b}', '**', '\\', 'back\\slash', '\\040', '%s%n', '%2e%2e', '<img src=x onerror=alert(1)>'],
  // Nearly the way up.
  ...['...', '..x', '.. ', '..\\..\\x', '.hidden'],
  // One character, two spellings; one name, two cases; right to left; beyond the basic plane.
  ...utf8(
    '\u00e9',
    'e\u0301',
    '\u212b',
    '\u00c5',
    'A\u030a',
    'Readme',
    'README',
    'ß',
    'SS',
    '\u202egpj.exe',
    '\u{1f600}',
    '\ufeff',
  ),
  // What Windows reserves.
  ...['CON', 'nul', 'Aux.txt', 'com1', 'LPT9.log', 'a:b', 'a<b>c', 'trailing.', 'trailing..'],
  // What PHLB, and the PyHardLinkBackups before it, call their own.
  ...[
    '.phlb',
    'store.json',
    'lock',
    'SHA256SUMS',
    'x.mtree.gz',
    'x.sha512',
    'phlb_config.ini',
    'latest',
    '2016-01-07-085247',
  ],
  ...['.phlb-restore-01234567-1', 'tree.link-1', 'constructor', '__proto__'],
  // As long as a name can be.
  'n'.repeat(255),
  ...utf8('\u{1f600}'.repeat(63)),
];

interface Paths {
  path: string;
  pathBase64?: string;
}

describe('A name', () => {
  const box = new Sandbox();
  const source = box.path('documents');
  let expected: ReturnType<typeof inventory>;
  let first: Published;
  let next: Published;

  before(function () {
    if (process.platform !== 'linux') return this.skip();
    for (const folder of ['files', 'folders', 'links']) mkdirSync(join(source, folder), { recursive: true });
    for (const name of NAMES) {
      writeFileSync(toPath(`${source}/files/${name}`), `the file ${name}`);
      mkdirSync(toPath(`${source}/folders/${name}`));
      writeFileSync(toPath(`${source}/folders/${name}/${name}`), `in the folder ${name}`);
      symlinkSync(toPath(`../files/${name}`), toPath(`${source}/links/${name}`));
    }
    expected = inventory(source);
    first = box.backup(source);
    execFileSync('cp', ['-a', source, box.path('before')]);
    for (const name of NAMES) appendFileSync(toPath(`${source}/files/${name}`), ', edited');
    next = box.backup(source);
  });
  after(() => box.dispose());

  it('of any bytes is stored as it is, whatever it means to others', () => {
    assertSameTrees(box.path('before'), first.path);
    assertSameTrees(source, next.path);
    assert.equal(first.files, 2 * NAMES.length);
    assert.deepEqual([next.copiedFiles, next.unchangedFiles + next.linkedFiles], [NAMES.length, NAMES.length]);
  });

  it('of any bytes is in the manifest, for PHLB and for others', () => {
    assertManifestTells(box.manifest(first.id), expected);
    const count = bsdtarNames(box.manifest(first.id))?.length;
    // With --null there is no telling: bsdtar escapes what it cannot print.
    if (count !== undefined) assert.equal(count, expected.size);
    assert.equal(
      box.run(['bash', '-c', SUMS, 'bash', box.manifest(first.id), first.path]).stdout,
      `${2 * NAMES.length}\n`,
    );
  });

  it('that is no pattern to mtree is checked by it', function () {
    box.write({ 'plain/': '' });
    for (const name of NAMES.filter(one => !/[*?[\\]/.test(one)))
      writeFileSync(toPath(`${box.path('plain')}/${name}`), name);
    const plain = box.backup(box.path('plain'));
    if (!assertMtreeAgrees(box.manifest(plain.id), plain.path)) this.skip();
  });

  it('of any bytes is listed, found, compared and looked back at', () => {
    const listed = box.json<{ entries: Paths[] }>(0, 'ls', first.id).entries.map(exact);
    assert.deepEqual(listed.sort(), [...expected.keys()].filter(path => path !== '').sort());
    const found = box.json<{ matches: Paths[] }>(0, 'find', '*').matches.map(exact);
    assert.deepEqual(found.filter(path => expected.has(path)).sort(), listed);
    const { changes } = box.json<{ changes: (Paths & { change: string })[] }>(0, 'diff', first.id, next.id);
    assert.deepEqual(changes.map(exact).sort(), NAMES.map(name => `files/${name}`).sort());
    assert.ok(changes.every(({ change }) => change === 'modified'));
    for (const name of ['caf\xe9', '-rf', 'new\nline', '..\\..\\x', '__proto__', 'n'.repeat(255)]) {
      const { versions } = runOn<{ versions: Paths[] }>('versions', `documents/files/${name}`);
      assert.deepEqual(versions.map(exact), [`files/${name}`, `files/${name}`], name);
    }
  });

  it('cannot move the cursor of a terminal or turn its text around', () => {
    for (const args of [
      ['ls', first.id],
      ['find', '*'],
      ['diff', first.id, next.id],
    ]) {
      const { status, stdout } = box.phlb(...args);
      assert.equal(status, 0);
      assert.doesNotMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/u);
      assert.ok(!stdout.includes('\nline'), 'a name stays on its line');
    }
  });

  it('of any bytes is verified, and comes back by restore', () => {
    assert.equal(box.json<{ filesChecked: number }>(0, 'verify', first.id).filesChecked, 2 * NAMES.length);
    box.json(0, 'restore', first.id, '--to', 'restored');
    assertSameTrees(box.path('before'), box.path('restored'));
    box.json(0, 'restore', first.id);
    assertSameTrees(box.path('before'), source);
    box.json(0, 'undo');
    assertSameTrees(next.path, source);
  });

  it('alone is restored by its exact bytes', () => {
    for (const name of ['caf\xe9', '-rf', 'new\nline', '[a-z]', '*', ' ']) {
      const to = box.path(`one ${NAMES.indexOf(name)}`);
      runOn('restore', first.id, `files/${name}`, '--to', to);
      assert.deepEqual([...inventory(to).keys()].sort(), ['', 'files', `files/${name}`]);
    }
  });

  it('of the source itself that PHLB, Windows or a terminal would take for something else gets a folder that all commands see', () => {
    const odd = ['.phlb', '.phlb-old', 'CON', 'dot.', ' blank', '-rf', 'new\nline', '\x1b[31mred', 'n'.repeat(255)];
    const other = { PHLB_ROOT: box.path('odd-root') };
    for (const name of odd) {
      box.write({ [`sources/${name}/f`]: name });
      const { status, stderr } = box.phlbWith(other, 'backup', '--', box.path('sources', name));
      assert.equal(status, 0, stderr);
    }
    const run = (...args: string[]): unknown => {
      const { status, stdout, stderr } = box.phlbWith(other, ...args, '--json');
      assert.equal(status, 0, stderr);
      return JSON.parse(stdout) as unknown;
    };
    assert.equal((run('list') as { sources: unknown[] }).sources.length, odd.length);
    assert.equal((run('verify') as { snapshots: number }).snapshots, odd.length);
    assert.equal((run('prune', '--keep-last', '1') as { kept: unknown[] }).kept.length, odd.length);
  });

  // Arguments that are not UTF-8 do not pass through Node's own `spawn`.
  function runOn<T>(...args: Bytes[]): T {
    const script = args.map(arg => `$'${[...arg].map(char => `\\x${hex(char)}`).join('')}'`).join(' ');
    const { status, stdout, stderr } = box.run(['bash', '-c', `"$0" "$1" --json ${script}`, process.execPath, CLI]);
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout) as T;
  }
});

/** docs/format.md: the contents alone, where there is no mtree. How many of them are right. */
const SUMS = `cd "$2" && gzip -dc "$1" | sed -nE 's/^(\\.\\/[^ ]*) type=file .* sha256=([0-9a-f]{64}).*/\\2 \\1/p' |
  while read -r sum name; do
    printf -v file '%b' "\${name//\\\\/\\\\0}x"; [ "$(sha256sum < "\${file%x}")" = "$sum  -" ] && echo right
  done | wc -l`;

function utf8(...names: string[]): Bytes[] {
  return names.map(name => toBytes(name));
}

function exact({ path, pathBase64 }: Paths): Bytes {
  return toBytes(pathBase64 === undefined ? path : Buffer.from(pathBase64, 'base64'));
}

function hex(char: string): string {
  return char.charCodeAt(0).toString(16).padStart(2, '0');
}
