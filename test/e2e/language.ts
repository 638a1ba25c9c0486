import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Makes a server show a language: a pack that translates nothing of the editor itself, so that extensions are asked for
 * theirs. The list of packs is written as the editor does when it installs one.
 * @returns further arguments for the server
 */
export function installLanguage(language: string, dataDir: string, extensionsDir: string): string[] {
  const identifier = { publisher: 'test', name: `language-pack-${language}`, version: '1.0.0' };
  const id = `${identifier.publisher}.${identifier.name}`;
  const folder = join(extensionsDir, `${id}-${identifier.version}`);
  const texts = join(folder, 'main.i18n.json');
  const localizations = [{ languageId: language, translations: [{ id: 'vscode', path: './main.i18n.json' }] }];
  mkdirSync(folder);
  writeJson(join(folder, 'package.json'), {
    ...identifier,
    engines: { vscode: '^1.0.0' },
    contributes: { localizations },
  });
  writeJson(texts, { contents: {} });

  const data = join(dataDir, 'data');
  mkdirSync(data, { recursive: true });
  const extensions = [{ extensionIdentifier: { id }, version: identifier.version }];
  const pack = { hash: id, label: language, extensions, translations: { vscode: texts } };
  writeJson(join(data, 'languagepacks.json'), { [language]: pack });
  return ['--locale', language];
}

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, JSON.stringify(value));
}
