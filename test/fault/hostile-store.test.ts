import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { PhlbError } from '../../src/engine/words/errors.js';
import type { StoreLocation } from '../../src/engine/words/model.js';
import type { EngineClient } from '../../src/worker/client.js';
import type { CallName, Calls } from '../../src/worker/protocol.js';
import { elapse } from '../support/elapse.js';
import { locationOf, startEngine } from '../support/engine.js';
import { assertSameTrees } from '../support/judges.js';
import { Sandbox, type Published } from '../support/sandbox.js';
import { inventory, moveAnew } from '../support/trees.js';

const SECRET = 'what nobody but its owner may read\n';

/** Whoever prepared the disk knows what stands where, and has put this into it. */
type Trap = (root: string, outside: string, first: string) => void;

const TRAPS: Record<string, Trap> = {
  'a link in place of .phlb': (root, outside) => replaceByLink(join(root, '.phlb'), join(outside, 'phlb')),
  'a link in place of the manifests': (root, outside) =>
    replaceByLink(join(root, '.phlb/manifests'), join(outside, 'manifests')),
  'a link in place of the manifests of a source': (root, outside) =>
    replaceByLink(join(root, '.phlb/manifests/documents'), join(outside, 'manifests')),
  'a link in place of the runs in progress': (root, outside) =>
    replaceByLink(join(root, '.phlb/partial'), join(outside, 'partial')),
  'links among the runs in progress': (root, outside) => {
    mkdirSync(join(root, '.phlb/partial/dead'));
    symlinkSync(outside, join(root, '.phlb/partial/dead/tree'));
    for (const name of ['other', 'other-deleted', 'other-heal', 'other-purged']) {
      symlinkSync(outside, join(root, '.phlb/partial', name));
    }
  },
  'a link in place of the folder of a source': (root, outside) =>
    replaceByLink(join(root, 'documents'), join(outside, 'trees')),
  'a link in place of a snapshot': (root, outside, first) => replaceByLink(join(root, first), join(outside, 'tree')),
  'a link in place of a folder of a snapshot': (root, outside, first) =>
    replaceByLink(join(root, first, 'sub'), join(outside, 'tree/sub')),
  'links in place of its files': (root, outside, first) => {
    for (const file of ['store.json', 'damaged.json', 'scrub.json']) {
      rmSync(join(root, '.phlb', file), { force: true });
      symlinkSync(join(outside, 'secret'), join(root, '.phlb', file));
    }
    for (const end of ['.json', '.mtree.gz']) {
      rmSync(join(root, '.phlb/manifests', first + end));
      symlinkSync(join(outside, 'secret'), join(root, '.phlb/manifests', first + end));
    }
  },
  'FIFOs in place of its files': (root, _, first) => {
    const files = ['damaged.json', 'scrub.json', `manifests/${first}.json`, `manifests/${first}.mtree.gz`];
    for (const file of files) {
      rmSync(join(root, '.phlb', file), { force: true });
      execFileSync('mkfifo', [join(root, '.phlb', file)]);
    }
  },
  'a FIFO in place of the list of sources': root => {
    rmSync(join(root, '.phlb/store.json'));
    execFileSync('mkfifo', [join(root, '.phlb/store.json')]);
  },
  'a list of sources of a terabyte': root => truncateSync(join(root, '.phlb/store.json'), 2 ** 40),
  'a record of a terabyte': (root, _, first) => truncateSync(join(root, `.phlb/manifests/${first}.json`), 2 ** 40),
  'a manifest of a terabyte': (root, _, first) =>
    truncateSync(join(root, `.phlb/manifests/${first}.mtree.gz`), 2 ** 40),
  'a source that is named out of the root': root =>
    editJson(join(root, '.phlb/store.json'), file => {
      for (const source of file['sources'] as { name: string }[]) source.name = '../../outside/trees';
    }),
  'a source that is named like the store': root =>
    editJson(join(root, '.phlb/store.json'), file => {
      for (const source of file['sources'] as { name: string }[]) source.name = '.phlb';
    }),
  'rules that are none': root =>
    editJson(join(root, '.phlb/store.json'), file => {
      for (const source of file['sources'] as { rules: unknown }[]) source.rules = { exclude: [17, null, {}] };
    }),
  'a record that names another source': (root, _, first) =>
    editJson(join(root, `.phlb/manifests/${first}.json`), record => {
      record['name'] = '../../outside/trees';
    }),
  'absurd numbers in a record': (root, _, first) =>
    editJson(join(root, `.phlb/manifests/${first}.json`), record => {
      record['sequence'] = Number.MAX_SAFE_INTEGER;
      record['scanStart'] = '9'.repeat(20);
    }),
  'counts below nothing in a record': (root, _, first) =>
    editJson(join(root, `.phlb/manifests/${first}.json`), record => {
      record['counts'] = { files: -5, bytes: 1e300 };
      record['changes'] = 5;
      record['errors'] = [null];
    }),
  'paths that climb out, in a manifest': editedManifest(text =>
    text.replace('./sub/b.txt', './sub/../../../../outside/written').replace('./a.txt', '/outside/written'),
  ),
  'paths through a link, in a manifest': editedManifest(text =>
    text.replace(/^\.\/sub type=dir (.*)$/m, './sub type=link $1 link=../../../outside/trees'),
  ),
  'absurd numbers in a manifest': editedManifest(text =>
    text
      .replace(/(a\.txt.*) time=[\d.]+/, '$1 time=999999999999999.999999999')
      .replace(/(b\.txt.*) uid=\d+/, '$1 uid=4294967295')
      .replace(/(b\.txt.*) size=\d+/, '$1 size=9007199254740991'),
  ),
  'a header without end in a manifest': editedManifest(text => `${text}${'# an idle comment\n'.repeat(1_000_000)}`),
  'a million folders in one path in a manifest': editedManifest(
    text =>
      `${text}./sub${'/d'.repeat(500_000)} type=file mode=0644 uid=0 gid=0 size=0 time=1.000000000 sha256=${'0'.repeat(64)}\n`,
  ),
};

/** Every operation. Reading first, since what is written may make the store whole again. */
const OPERATIONS: [CallName, (location: StoreLocation, first: string, source: string) => object][] = [
  ['list', location => ({ location, all: true })],
  ['ls', (location, snapshot) => ({ location, snapshot })],
  ['diff', (location, snapshot) => ({ location, snapshot })],
  ['versions', (location, _, source) => ({ location, file: join(source, 'sub/b.txt') })],
  ['find', location => ({ location, glob: '*' })],
  ['stats', location => ({ location })],
  ['verify', location => ({ location, snapshots: [] })],
  ['scrub', location => ({ location })],
  ['restore', (location, snapshot, source) => ({ location, snapshot, paths: [], to: join(source, '..', 'restored') })],
  ['restore', (location, snapshot) => ({ location, snapshot, paths: [] })],
  ['undo', location => ({ location })],
  ['annotate', (location, snapshot) => ({ location, snapshot, label: 'a label' })],
  ['verify', location => ({ location, snapshots: [], heal: true })],
  ['backup', (location, _, source) => ({ location, source })],
  ['prune', location => ({ location, rules: { keepLast: 1 } })],
  ['purge', location => ({ location, glob: '*.gone', dryRun: false })],
  ['rebuild', location => ({ location })],
  ['rebuild', location => ({ location, rehash: true })],
  ['backup', (location, _, source) => ({ location, source })],
  ['delete', (location, first) => ({ location, snapshots: [first] })],
  ['backup', (location, _, source) => ({ location, source })],
];

describe('A backup location that somebody has prepared', () => {
  let engine: EngineClient;
  let first: Published;
  let box: Sandbox;
  let source: string;

  before(() => void (engine = startEngine()));
  beforeEach(() => {
    box = new Sandbox();
    source = box.path('documents');
    box.write({ 'documents/a.txt': 'first', 'documents/sub/b.txt': 'second', 'documents/sub/deep/c.txt': 'third' });
    first = box.backup(source);
    box.write({ 'outside/secret': SECRET, 'outside/partial/keep': 'k', 'outside/written/': '' });
    // What a link would lead to looks just like what is looked for.
    execFileSync('cp', ['-a', join(box.root, '.phlb'), box.path('outside/phlb')]);
    execFileSync('cp', ['-a', join(box.root, '.phlb/manifests/documents'), box.path('outside/manifests')]);
    execFileSync('cp', ['-a', join(box.root, 'documents'), box.path('outside/trees')]);
    execFileSync('cp', ['-a', first.path, box.path('outside/tree')]);
  });
  afterEach(() => box.dispose());
  after(() => engine.dispose());

  for (const [what, trap] of Object.entries(TRAPS)) {
    it(`(${what}) leads no operation out of it, and each ends in a result or one clear error`, async () => {
      trap(box.root, box.path('outside'), first.id);
      const pristine = box.path('pristine');
      execFileSync('cp', ['-a', source, pristine]);
      const outside = allOf(box.path('outside'));
      for (const [name, request] of OPERATIONS) {
        const told = await outcomeOf(name, request(locationOf(box), first.id, source));
        assert.ok(!told.includes(SECRET.trim()), `${name}: ${told}`);
        assert.deepEqual(allOf(box.path('outside')), outside, `${name} has written outside of the root`);
        for (const [path, links] of linksOf(source)) assert.equal(links, 1, `${name} has linked the source's ${path}`);
      }
      const restored = box.path('restored');
      for (const [path, node] of existsSync(restored) ? inventory(restored) : []) {
        assert.ok(['', 'a.txt', 'sub', 'sub/b.txt', 'sub/deep', 'sub/deep/c.txt'].includes(path), path);
        if (node.type === 'file') assertSameTrees(join(pristine, path), join(restored, path));
      }
      assertSameTrees(pristine, source);
    });
  }

  it('(a link in place of a folder of a snapshot) gets no file of the source linked into its own backup', async () => {
    first = box.backup(source);
    // What was changed less than two seconds before a run is read again by the next in any case.
    elapse(box.root);
    rmSync(join(first.path, 'sub'), { recursive: true });
    symlinkSync(join(source, 'sub'), join(first.path, 'sub'));
    const next = box.backup(source);
    assert.deepEqual(next.damaged.map(({ path }) => path).sort(), ['sub/b.txt', 'sub/deep/c.txt']);
    assertSameTrees(source, next.path);
    for (const [path, links] of linksOf(source)) assert.equal(links, 1, path);
  });

  for (const [how, move] of [
    ['content', moveAnew],
    ['inode', renameSync],
  ] as const) {
    it(`(a link in place of a folder of a snapshot) gets no file from outside linked by its ${how}`, () => {
      execFileSync('cp', ['-a', join(first.path, 'sub'), box.path('outside/sub')]);
      const outside = allOf(box.path('outside/sub'));
      rmSync(join(first.path, 'sub'), { recursive: true });
      symlinkSync(box.path('outside/sub'), join(first.path, 'sub'));
      move(join(source, 'sub'), join(source, 'moved'));
      const next = box.backup(source);
      assert.deepEqual(next.damaged.map(({ path }) => path).sort(), ['sub/b.txt', 'sub/deep/c.txt']);
      assertSameTrees(source, next.path);
      assert.deepEqual(allOf(box.path('outside/sub')), outside);
    });
  }

  it('(a link among the runs in progress) gets no file from outside linked by its content', () => {
    box.write({ 'documents/new.txt': 'not stored yet' });
    mkdirSync(join(box.root, '.phlb/partial/dead'));
    symlinkSync(source, join(box.root, '.phlb/partial/dead/tree'));
    const next = box.backup(source);
    assert.deepEqual([next.copiedFiles, next.damaged], [1, []]);
    for (const [path, links] of linksOf(source)) assert.equal(links, 1, path);
  });

  // What it says. A mistake of the program's own is no clear error.
  async function outcomeOf(name: CallName, request: object): Promise<string> {
    const late = sleep(60_000, 'late', { ref: false });
    try {
      const result = await Promise.race([engine.call(name, request as Calls[CallName][0]), late]);
      assert.notEqual(result, 'late', `${name} does not come to its end`);
      return JSON.stringify(result);
    } catch (error) {
      if (!PhlbError.is(error)) throw error;
      assert.match(error.stack ?? '', /^PhlbError/, `${name}: ${error.line}`);
      assert.ok(error.line.length < 1000, error.line);
      return error.line;
    }
  }
});

/** Everything there, with contents, times and numbers of links: what was opened for writing or linked shows. */
function allOf(folder: string): unknown[] {
  return [...inventory(folder)].map(([path, node]) => [path, node, linkCount(join(folder, path))]);
}

function linksOf(folder: string): [string, number][] {
  const files = [...inventory(folder)].filter(([, { type }]) => type === 'file');
  return files.map(([path]) => [path, linkCount(join(folder, path))]);
}

function linkCount(path: string): number {
  const stat = lstatSync(path);
  return stat.isDirectory() ? 0 : stat.nlink;
}

/** The real thing is moved to where the link leads. */
function replaceByLink(path: string, to: string): void {
  rmSync(to, { recursive: true });
  renameSync(path, to);
  symlinkSync(to, path);
}

function editJson(file: string, change: (value: Record<string, unknown>) => void): void {
  const value = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  change(value);
  writeFileSync(file, JSON.stringify(value));
}

function editedManifest(change: (text: string) => string): Trap {
  return (root, _, first) => {
    const file = join(root, `.phlb/manifests/${first}.mtree.gz`);
    const text = gunzipSync(readFileSync(file)).toString('latin1');
    const changed = change(text);
    assert.notEqual(changed, text, 'the trap is not set');
    writeFileSync(file, gzipSync(Buffer.from(changed, 'latin1')));
  };
}
