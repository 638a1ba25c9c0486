import * as assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  Command,
  ELSE_OF_ACTIVE_EDITOR,
  NEEDS_ARGUMENT,
  NodeKind,
  settingReaders,
  View,
  VIEW_CONTAINER,
} from '../../src/contributions.js';
import { DEFAULT_EXCLUDES } from '../../src/engine/scan/rules.js';

interface Property {
  default: unknown;
  scope?: string;
  type: string | string[];
}
interface MenuItem {
  command: string;
  when?: string;
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const { contributes } = manifest;
const properties: Record<string, Property> = Object.assign(
  {},
  ...contributes.configuration.map((group: { properties: object }) => group.properties),
);
const commands: string[] = contributes.commands.map(({ command }: MenuItem) => command);

describe('package.json and contributions.ts', () => {
  it('name the same commands, else one does nothing or cannot be found', () => {
    assert.deepEqual(commands.toSorted(), Object.values(Command).toSorted());
  });

  it('name the same settings, else what a user sets has no effect', () => {
    assert.deepEqual(Object.keys(properties).toSorted(), Object.keys(settingReaders).toSorted());
  });

  it('name the same views, else the tree stays empty', () => {
    const ids = contributes.views[VIEW_CONTAINER].map(({ id }: { id: string }) => id);
    assert.deepEqual(ids, Object.values(View));
    assert.deepEqual(
      contributes.viewsContainers.activitybar.map(({ id }: { id: string }) => id),
      [VIEW_CONTAINER],
    );
  });

  it('have menus for commands that exist only', () => {
    const used = Object.values<MenuItem[]>(contributes.menus).flatMap(items => items.map(({ command }) => command));
    assert.deepEqual(
      used.filter(command => !commands.includes(command)),
      [],
    );
  });

  it('have menus for kinds of nodes that exist only, and each kind of node has a menu', () => {
    const kinds = Object.values(NodeKind);
    const items: MenuItem[] = contributes.menus['view/item/context'];
    const patterns = items.map(({ when = '' }) => new RegExp(/viewItem =~ \/(.*?)\/(?: |$)/.exec(when)?.[1] ?? 'none'));
    for (const pattern of patterns)
      assert.ok(
        kinds.some(kind => pattern.test(kind)),
        String(pattern),
      );
    const without = kinds.filter(kind => !patterns.some(pattern => pattern.test(kind)));
    assert.deepEqual(without, [NodeKind.day, NodeKind.more, NodeKind.current]);
  });

  it('keep what needs an argument out of the palette, where it could only fail', () => {
    const hidden = contributes.menus.commandPalette.filter(({ when }: MenuItem) => when === 'false');
    const ids = new Set(hidden.map(({ command }: MenuItem) => command));
    assert.deepEqual(
      Object.keys(NEEDS_ARGUMENT).filter(id => !ids.has(id)),
      [],
    );
  });

  it('of a node do not take something else where its tree has forgotten it', () => {
    const known = new Set([
      ...Object.keys(NEEDS_ARGUMENT),
      ...Object.keys(ELSE_OF_ACTIVE_EDITOR),
      // From there it comes without a node, too.
      ...contributes.menus['view/title'].map(({ command }: MenuItem) => command),
    ]);
    const ofNodes = contributes.menus['view/item/context'].map(({ command }: MenuItem) => command);
    assert.deepEqual(
      ofNodes.filter((id: string) => !known.has(id)),
      [],
    );
  });

  it('keep what needs a node out of the palette, where it could only fail', () => {
    const inPalette = (id: string): boolean =>
      !contributes.menus.commandPalette.some(({ command, when }: MenuItem) => command === id && when === 'false');
    assert.deepEqual(
      Object.entries(Command).flatMap(([name, id]) => (inPalette(id) ? [name] : [])),
      [
        ...[
          'backupWorkspace',
          'backupFolder',
          'backupNamed',
          'compareFileWithSnapshot',
          'showVersions',
          'previousVersion',
          'nextVersion',
          'restore',
          'restoreDeleted',
        ],
        ...[
          'restoreVersion',
          'undoRestore',
          'undoTurn',
          'findFile',
          'searchText',
          'searchSelection',
          'prune',
          'verify',
          'rebuildIndex',
          'showStorage',
          'changeLocation',
          'pauseAutoBackup',
        ],
        ...[
          'resumeAutoBackup',
          'turnOnAutoBackup',
          'offsitePush',
          'offsiteCheck',
          'offsiteRecover',
          'setUpAgents',
          'showLog',
          'refresh',
        ],
      ],
    );
  });

  it('agree on the defaults, else the settings page shows what is not done', () => {
    for (const [id, read] of Object.entries(settingReaders)) {
      if (['phlb.backup.exclude', 'phlb.backup.maxFileSize', 'phlb.warnAtSize'].includes(id)) continue;
      assert.deepEqual(properties[id]?.default, read(undefined), id);
    }
    const { 'phlb.backup.exclude': exclude, 'phlb.backup.maxFileSize': maxFileSize } = properties;
    assert.deepEqual(settingReaders['phlb.backup.exclude'](exclude?.default), [...DEFAULT_EXCLUDES]);
    assert.equal(settingReaders['phlb.backup.maxFileSize'](maxFileSize?.default), null);
    assert.equal(settingReaders['phlb.warnAtSize'](properties['phlb.warnAtSize']?.default), null);
  });

  it('keep a workspace from redirecting writes or thinning history out', () => {
    const retention = Object.keys(properties).filter(id => id.startsWith('phlb.retention.'));
    assert.equal(retention.length, 6);
    const offsite = Object.keys(properties).filter(id => id.startsWith('phlb.offsite.'));
    assert.equal(offsite.length, 3);
    const machine = ['phlb.backup.location', 'phlb.backup.folders', 'phlb.backup.protectFiles'];
    for (const id of [...machine, ...retention, ...offsite]) {
      assert.equal(properties[id]?.scope, 'machine', id);
    }
    for (const id of ['exclude', 'useGitignore', 'maxFileSize']) {
      assert.equal(properties[`phlb.backup.${id}`]?.scope, 'resource', id);
      assert.ok(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations.includes(`phlb.backup.${id}`), id);
    }
  });

  it('point at icons that are there', () => {
    assert.ok(existsSync(manifest.icon));
    assert.ok(existsSync(contributes.viewsContainers.activitybar[0].icon));
  });
});

describe('A setting of nonsense', () => {
  it('counts as not given, else a typing error stops the backups', () => {
    for (const nonsense of [null, 7, 'x', [1], { a: 'b' }, true]) {
      for (const read of Object.values(settingReaders)) assert.doesNotThrow(() => read(nonsense));
    }
    assert.deepEqual(settingReaders['phlb.backup.exclude']({ '**/a': true, '**/b': false, '**/c': 'x' }), ['**/a']);
    assert.deepEqual(settingReaders['phlb.backup.folders'](['/a', 1, ' ']), ['/a']);
    assert.equal(settingReaders['phlb.autoBackup.intervalMinutes'](0), 0.1);
    assert.equal(settingReaders['phlb.autoBackup.mode']('sometimes'), 'onChange');
    assert.equal(settingReaders['phlb.warnOfMassChanges'](-1), 25);
    assert.equal(settingReaders['phlb.backup.maxFileSize'](1.5), 1_572_864);
    for (const nonsense of ['0', -1, 1.5, null]) assert.equal(settingReaders['phlb.retention.keepDaily'](nonsense), 7);
  });
});

describe('Translations', () => {
  const read = (file: string): Record<string, string> => JSON.parse(readFileSync(file, 'utf8'));
  const files = (dir: string, name: RegExp): string[] =>
    readdirSync(dir)
      .filter(file => name.test(file))
      .map(file => join(dir, file));
  const placeholders = (text: string): string[] => [...new Set(text.match(/\{\d\}/g))].sort();

  it('cover what package.json says, in each language', () => {
    const used = [...new Set(JSON.stringify(manifest).match(/(?<=")%[\w.]+%(?=")/g))].map(key => key.slice(1, -1));
    for (const file of files('.', /^package\.nls.*\.json$/)) {
      assert.deepEqual(Object.keys(read(file)).toSorted(), used.toSorted(), file);
    }
  });

  it('are asked for whatever package.json shows, else it stays English', () => {
    const shown = /^(title|name|contents|displayName|userDescription|description|markdownDescription|altText)$/;
    const plain: string[] = [];
    const look = (value: unknown, key = ''): void => {
      if (Array.isArray(value)) for (const item of value) look(item, /Descriptions$/.test(key) ? 'description' : key);
      else if (typeof value === 'object' && value !== null) {
        // What a language model reads is English.
        for (const [name, inner] of Object.entries(value)) if (name !== 'inputSchema') look(inner, name);
      } else if (typeof value === 'string' && shown.test(key) && !/^%[\w.]+%$/.test(value)) plain.push(value);
    };
    look({ ...contributes, languageModelTools: contributes.languageModelTools.map(withoutName) });
    assert.deepEqual(plain, ['PHLB']);
  });

  it('of package.json lead to the same commands and name the same settings in each language', () => {
    const english = read('package.nls.json');
    const fixed = (text = ''): string[] => (text.match(/\]\([^)]*\)|`[^`]*`/g) ?? []).sort();
    for (const file of files('.', /^package\.nls\..+\.json$/)) {
      for (const [key, text] of Object.entries(read(file))) {
        assert.deepEqual(fixed(text), fixed(english[key]), `${file}: ${key}`);
        assert.ok(text.trim() !== '' && text !== english[key], `${file}: ${key} is not translated`);
      }
    }
  });

  it('cover what the code says, with the same placeholders', () => {
    const literal = /l10n\.t\(\s*(?:\/\/[^\n]*\s*)?'((?:[^'\\]|\\.)*)'/g;
    const calls = textsOf('src').map(text => text.replace('l10n.t(template, ...args)', ''));
    const used = new Set(calls.flatMap(text => [...text.matchAll(literal)].map(match => match[1] ?? '')));
    for (const phrase of phrasesOf(['src/engine', 'src/worker', 'src/setup'])) used.add(phrase);
    const count = calls.reduce((sum, text) => sum + (text.match(/l10n\.t\(/g)?.length ?? 0), 0);
    const literals = calls.reduce((sum, text) => sum + (text.match(literal)?.length ?? 0), 0);
    assert.equal(literals, count, 'some text is not a plain literal and cannot be translated');
    for (const file of files('l10n', /^bundle\.l10n\..+\.json$/)) {
      const bundle = read(file);
      assert.deepEqual(Object.keys(bundle).toSorted(), [...used].toSorted(), file);
      for (const [key, value] of Object.entries(bundle)) assert.deepEqual(placeholders(value), placeholders(key), key);
    }
  });
});

/** The templates of what the engine says, as `phrase` makes them. */
function phrasesOf(folders: readonly string[]): string[] {
  const gap = /\$\{[^}]*\}/g;
  const phrase = /\bphrase`((?:[^`$]|\$\{[^}]*\})*)`/g;
  return folders.flatMap(textsOf).flatMap(text => {
    const found = [...text.matchAll(phrase)].map(match => match[1] ?? '');
    assert.equal(found.length, text.match(/\bphrase`/g)?.length ?? 0, 'some phrase is not understood here');
    return found
      .map(source => {
        let gaps = 0;
        return source.replace(gap, () => `{${gaps++}}`);
      })
      .filter(template => template !== '{0}');
  });
}

function textsOf(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.ts'));
  return files.map(file => readFileSync(join(folder, file), 'utf8'));
}

function withoutName({ name, ...tool }: { name: string }): object {
  assert.match(name, /^phlb_/);
  return tool;
}
