import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { EngineClient } from '../../src/worker/client.js';
import { fsPath, nameToBuffer } from '../../src/engine/words/names.js';
import { locationOf, startEngine } from '../support/engine.js';
import { filesBelow, keptByGit, makeWorkspace, workspaces } from '../support/git-ignores.js';
import { Sandbox } from '../support/sandbox.js';
import { removeTree } from '../support/trees.js';

const SEED = Number(process.env['PHLB_TEST_SEED'] ?? 20160107);

/** Accidents, each a folder in which git keeps what a backup must keep, too. */
const CASES: Record<string, { files: string[]; rules: Record<string, string> }> = {
  'a rule in small letters': {
    files: ['core', 'Core/app.ts', 'BUILD', 'build/x', 'sub/Core', 'LOGS.TXT'],
    rules: { '.gitignore': 'core\nbuild\n*.txt\n' },
  },
  'a folder that a nearer file takes back': {
    files: ['sub/build/x', 'sub/build/deep/y', 'build/z'],
    rules: { '.gitignore': 'build\n', 'sub/.gitignore': '!build\n' },
  },
  'what cannot be taken back, since its folder is left out': {
    files: ['a/b/keep', 'a/keep'],
    rules: { '.gitignore': 'a/\n!a/b/keep\n!keep\n' },
  },
  'blanks and special characters': {
    files: ['a ', 'a', '#h', '!n', 'b c', 'tab\t', '[x]', 'back\\slash', 'x'],
    rules: { '.gitignore': 'a\\ \n\\#h\n\\!n\nb c   \n\\[x\\]\nback\\\\slash\n' },
  },
  'line ends of Windows, a mark at the beginning and no end of the last line': {
    files: ['one', 'two', 'three', 'four'],
    rules: { '.gitignore': '\ufeffone\r\ntwo\r\n# three\r\nfour' },
  },
  'folders only': { files: ['logs', 'sub/logs/x', 'x/logs'], rules: { '.gitignore': 'logs/\n' } },
  'letters of several bytes': {
    files: ['é', 'e', 'ß.x', 'дом/x', '日本'],
    rules: { '.gitignore': '?\n??.x\nдом\n[日]*\n' },
  },
  'rules of a folder that is named like a pattern': {
    files: ['[a]*/x', '[a]*/y', 'a/x', 'ab/x', '#q/x', '!r/x', 'z /x', 'z /k'],
    rules: { '[a]*/.gitignore': '/x\n', '#q/.gitignore': 'x\n', '!r/.gitignore': 'x\n', 'z /.gitignore': 'x\n' },
  },
  'asterisks in every place': {
    files: ['a/b', 'ab', 'axx/b', 'a/x/y/b', 'q/a/b', 'foo/bar', 'foo/x/bar', 'foo/x/y'],
    rules: { '.gitignore': 'a**/b\n/foo/**/bar\n' },
  },
  'a name that is not UTF-8, by its byte': { files: ['x\udcff', 'y\udcff', 'x'], rules: { '.gitignore': 'x\udcff\n' } },
};

describe('Ignore files', () => {
  let box: Sandbox;
  let engine: EngineClient;
  let source: string;

  before(() => {
    box = new Sandbox();
    engine = startEngine();
    source = box.path('documents');
  });
  afterEach(() => removeTree(source));
  after(async () => {
    await engine.dispose();
    box.dispose();
  });

  for (const [what, { files, rules }] of Object.entries(CASES)) {
    it(`leave out what git leaves out: ${what}`, async () => {
      makeWorkspace(source, { files: [...files, ...Object.keys(rules)], ignoreFiles: [] });
      for (const [file, text] of Object.entries(rules)) {
        writeFileSync(fsPath(join(source, file)), nameToBuffer(text));
      }
      const kept = keptByGit(source);
      assert.notEqual(kept.length, 0);
      assert.deepEqual(await stored(), kept);
    });
  }

  it('leave out what git leaves out, whatever the folders and the rules', async () => {
    await fc.assert(
      fc.asyncProperty(workspaces, async workspace => {
        removeTree(source);
        makeWorkspace(source, workspace);
        const kept = keptByGit(source);
        assert.deepEqual(await stored(), kept);
      }),
      { numRuns: 25, seed: SEED },
    );
  });

  it('leave out what git leaves out in each of many folders, whatever stands in the others', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(workspaces, { minLength: 15, maxLength: 15 }), async folders => {
        removeTree(source);
        const kept = folders.flatMap((workspace, at) => {
          const folder = join(source, `[${at}] é`);
          makeWorkspace(folder, workspace);
          return keptByGit(folder).map(path => `[${at}] é/${path}`);
        });
        assert.deepEqual(await stored(), kept.sort());
      }),
      { numRuns: 5, seed: SEED, endOnFailure: true },
    );
  });

  // The files that a first snapshot holds, sorted.
  async function stored(): Promise<string[]> {
    const rules = { exclude: ['**/.git'], useGitignore: true, maxFileSize: null, oneFileSystem: false };
    const { path } = await engine.call('backup', { location: locationOf(box), source, rules, flush: false });
    assert.ok(path !== null);
    const files = filesBelow(path);
    rmSync(path, { recursive: true });
    return files;
  }
});
