import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BackupResult } from '../../src/engine/words/model.js';
import type { EngineClient } from '../../src/worker/client.js';
import { locationOf, startEngine } from '../support/engine.js';
import { assertSameTrees } from '../support/judges.js';
import { Sandbox, type Restored } from '../support/sandbox.js';

const TAG = 'Signature: 8a477f597d28d172789f06886806bc55\n';

describe('A source that nobody trusts', () => {
  let box: Sandbox;
  let engine: EngineClient;
  let source: string;

  before(() => {
    engine = startEngine();
  });
  beforeEach(() => {
    box = new Sandbox();
    source = box.path('documents');
    box.write({
      'documents/.phlbignore': '*.md\n',
      'documents/.gitignore': '*.ts\n',
      'documents/report.md': 'work',
      'documents/app.ts': 'work',
      'documents/sub/.phlbignore': '/n*\n',
      'documents/sub/notes': 'work',
      'documents/photos/CACHEDIR.TAG': TAG,
      'documents/photos/one': 'work',
      'documents/build.tmp': 'not work',
    });
  });
  afterEach(() => box.dispose());
  after(() => engine.dispose());

  it('cannot leave anything out of its backups by what lies in it; the rules of the user hold', async () => {
    const { path, excluded } = await backUp(false, ['*.tmp']);
    assert.deepEqual(excluded, [{ rule: '*.tmp', directories: 0, files: 1 }]);
    box.run(['rm', join(source, 'build.tmp')]);
    assertSameTrees(source, path);
  });

  it('is obeyed again once it is trusted, by the editor and by the command line: nothing of it is remembered', async () => {
    await backUp(false);
    assert.equal(readFileSync(join(box.root, '.phlb', 'store.json'), 'utf8').includes('ignoreFiles'), false);
    const { path } = box.backup(source);
    assert.deepEqual(stored(path), ['.gitignore', 'build.tmp']);
    assert.deepEqual(stored((await backUp(true)).path), ['.gitignore', 'build.tmp']);
  });

  it('is compared and restored by the rules that each snapshot was made with', async () => {
    const untrusted = await backUp(false);
    assert.deepEqual(changes(untrusted.id), []);
    const trusted = box.backup(source);
    const unstored = changes(untrusted.id, trusted.id);
    // A `CACHEDIR.TAG` leaves no trace where it was obeyed.
    const told = unstored.filter(({ path }) => !path.startsWith('photos'));
    assert.deepEqual([...new Set(told.map(({ change }) => change))], ['unstored']);
    // The one stored all, so what is not in it has come since; the other would not have stored any of these.
    box.write({ 'documents/new.md': 'since', 'documents/sub/new': 'since', 'documents/photos/new': 'since' });
    const dry = (id: string): string[] =>
      box
        .json<Restored>(0, 'restore', id, '--delete', '--dry-run')
        .deleted.map(({ path }) => path)
        .sort();
    assert.deepEqual(dry(trusted.id), []);
    assert.deepEqual(dry(untrusted.id), ['new.md', 'photos/new', 'sub/new']);
  });

  it('keeps, on restore --delete, what an older version left out by a rule in the other case', () => {
    box.write({ 'documents/.phlbignore': 'core\n', 'documents/Core/app': 'never stored by the older version' });
    const { id } = box.backup(source, '--exclude', 'Core');
    const file = join(box.root, '.phlb', 'manifests', `${id}.json`);
    const record = JSON.parse(readFileSync(file, 'utf8')) as { rules: { exclude: string[] }; ignoreFiles?: string };
    assert.equal(record.ignoreFiles, 'git');
    delete record.ignoreFiles;
    record.rules.exclude = [];
    writeFileSync(file, JSON.stringify(record));
    const { deleted } = box.json<Restored>(0, 'restore', id, '--delete');
    assert.deepEqual(deleted, []);
    assert.ok(existsSync(join(source, 'Core/app')));
  });

  async function backUp(
    trusted: boolean,
    exclude: string[] = [],
  ): Promise<BackupResult & { id: string; path: string }> {
    const rules = { exclude, useGitignore: true, maxFileSize: null, oneFileSystem: false };
    const result = await engine.call('backup', { location: locationOf(box), source, rules, trusted });
    assert.ok(result.id !== null && result.path !== null);
    assert.deepEqual(result.errors, []);
    return { ...result, id: result.id, path: result.path };
  }

  function changes(...ids: string[]): { path: string; change: string }[] {
    return box.json<{ changes: { path: string; change: string }[] }>(0, 'diff', ...ids).changes;
  }

  function stored(tree: string): string[] {
    const { stdout } = box.run(['find', tree, '-type', 'f', '-printf', '%P\n']);
    return stdout
      .trim()
      .split('\n')
      .filter(path => path !== '.phlbignore' && path !== 'sub/.phlbignore')
      .sort();
  }
});
