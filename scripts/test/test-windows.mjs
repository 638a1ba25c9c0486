// The windows that the tests in the extension host run in. Each function makes what is opened, in an empty folder.
/** @import { MakeWindow } from './extension-host.mjs' */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = join(import.meta.dirname, '..', '..');

/** @type {Record<string, MakeWindow>} */
export const testWindows = {
  /** one trusted folder */
  documents: scratch => ({ folder: makeDocuments(join(scratch, 'documents')) }),
  /** one as well, for tests that wait most of their time */
  'auto-backup': scratch => ({ folder: makeDocuments(join(scratch, 'documents')) }),
  /** one as well, for what is asked of the store as a whole */
  store: scratch => ({ folder: makeDocuments(join(scratch, 'documents')) }),
  /** a folder that the user has not trusted, with settings, ignore files and a tag that would do harm */
  restricted: scratch => {
    const folder = makeDocuments(join(scratch, 'documents'));
    mkdirSync(join(folder, '.vscode'));
    const harm = {
      'phlb.backup.location': join(scratch, 'elsewhere'),
      'phlb.backup.exclude': { '**/*.md': true },
      'phlb.backup.useGitignore': true,
      'phlb.autoBackup.mode': 'onSave',
      'phlb.autoBackup.intervalMinutes': 0.02,
      'phlb.retention.keepLast': 1,
    };
    writeFileSync(join(folder, '.vscode', 'settings.json'), JSON.stringify(harm));
    for (const name of ['.phlbignore', '.gitignore']) writeFileSync(join(folder, name), '*\n');
    writeFileSync(join(folder, 'letters', 'CACHEDIR.TAG'), 'Signature: 8a477f597d28d172789f06886806bc55\n');
    return { folder, trust: false, settings: { 'security.workspace.trust.startupPrompt': 'never' } };
  },
  /** several folders, one of a name that addresses have to encode */
  'multi-root': scratch => {
    const folders = ['documents', 'grün & 100% #1'].map(name => makeDocuments(join(scratch, name)));
    return {
      workspace: writeWorkspace(
        scratch,
        folders.map(path => ({ path })),
      ),
    };
  },
  /** a folder that is on no disk: a snapshot, opened like a workspace */
  virtual: (scratch, env) => {
    const folder = makeDocuments(join(scratch, 'documents'));
    const cli = join(root, 'dist', 'cli.js');
    const output = execFileSync(process.execPath, [cli, 'backup', folder, '--json', '--quiet'], {
      env,
      encoding: 'utf8',
    });
    const { snapshots } = /** @type {{ snapshots: { id: string }[] }} */ (JSON.parse(output));
    const storeFile = join(env.HOME ?? '', 'PyHardLinkBackups', '.phlb', 'store.json');
    const store = /** @type {{ id: string }} */ (JSON.parse(readFileSync(storeFile, 'utf8')));
    const key = Buffer.from(`${store.id}/${snapshots[0]?.id}`).toString('hex');
    const uri = `phlb://${key}${pathToFileURL(folder).pathname}`;
    return { workspace: writeWorkspace(scratch, [{ uri, name: 'documents' }]) };
  },
};

/** @param {string} folder */
function makeDocuments(folder) {
  mkdirSync(join(folder, 'letters'), { recursive: true });
  writeFileSync(join(folder, 'report.md'), '# Report\n\nFirst version.\n');
  writeFileSync(join(folder, 'letters', 'brief.txt'), 'Dear reader\n');
  return folder;
}

/**
 * @param {string} scratch
 * @param {object[]} folders
 */
function writeWorkspace(scratch, folders) {
  const file = join(scratch, 'test.code-workspace');
  writeFileSync(file, JSON.stringify({ folders }));
  return file;
}
