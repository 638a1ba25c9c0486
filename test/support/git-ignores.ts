/** Random folders with ignore files, and what git says of them. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { errno } from '../../src/engine/words/errors.js';
import { dirname, fsPath, join, nameFromBuffer, nameToBuffer } from '../../src/engine/words/names.js';

/** What cannot stand beside the others is passed over. Names and rules that are not UTF-8 as PHLB writes them. */
export interface Workspace {
  files: string[];
  ignoreFiles: { folder: number; text: string }[];
}

const NAMES = [
  'a',
  'b',
  'ab',
  'A',
  'B',
  'core',
  'Core',
  'x.log',
  'a b',
  '#h',
  '!n',
  'é',
  'ü.txt',
  'a ',
  '[a]',
  '*',
  '\\',
  'logs',
];
// prettier-ignore
const PARTS = [
  ...NAMES, '*', '**', '***', '?', '??', 'a*', '*b', 'a**', '**b', '*.log', 'c?re', '[a-c]', '[!a]', '[^b]*', '[]a]', '[A-Z]*',
  '[[:upper:]]*', '\\#h', '\\!n', 'a\\ ', '\\[a\\]', '\\*', '\\a', '\\\\',
];

const rule = fc
  .tuple(
    fc.constantFrom('', '', '', '!'),
    fc.constantFrom('', '', '/', '**/', '\\'),
    fc.array(fc.constantFrom(...PARTS), { minLength: 1, maxLength: 3 }),
    fc.constantFrom('', '', '/', '/**', '/*', '  ', '\\ ', '/**/', ' /', '\r'),
  )
  .map(([keeps, start, parts, end]) => keeps + start + parts.join('/') + end);
const line = fc.oneof(
  { weight: 9, arbitrary: rule },
  { weight: 1, arbitrary: fc.constantFrom('', '# c', '  ', '/', '!', '\\') },
);
const text = fc
  .tuple(
    fc.constantFrom('', '', '\ufeff'),
    fc.array(line, { maxLength: 6 }),
    fc.constantFrom('\n', '\n', '\r\n'),
    fc.boolean(),
  )
  .map(([mark, lines, end, ended]) => mark + lines.join(end) + (ended ? end : ''));

export const workspaces: fc.Arbitrary<Workspace> = fc.record({
  files: fc.array(
    fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 4 }).map(parts => parts.join('/')),
    { minLength: 4, maxLength: 22 },
  ),
  ignoreFiles: fc.array(fc.record({ folder: fc.nat(), text }), { minLength: 1, maxLength: 4 }),
});

/** @param folder is made */
export function makeWorkspace(folder: string, { files, ignoreFiles }: Workspace): void {
  const folders = [folder];
  mkdirSync(folder, { recursive: true });
  for (const file of files) {
    const parent = dirname(join(folder, file));
    try {
      mkdirSync(fsPath(parent), { recursive: true });
      writeFileSync(fsPath(join(folder, file)), '');
      folders.push(parent);
    } catch (error) {
      // There is a file or a folder already.
      if (errno(error) === undefined) throw error;
    }
  }
  for (const { folder: at, text: rules } of ignoreFiles) {
    writeFileSync(fsPath(join(folders[at % folders.length] ?? folder, '.gitignore')), nameToBuffer(rules));
  }
}

/** All files below a folder but those of git's own, sorted. */
export function filesBelow(folder: string): string[] {
  const args = ['.', '-name', '.git', '-prune', '-o', '-type', 'f', '-printf', '%P\\0'];
  return lines(execFileSync('find', args, { cwd: folder }));
}

/** The files that git would add, sorted; makes a repository of the folder. */
export function keptByGit(folder: string): string[] {
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
  };
  const git = (...args: string[]): Buffer => execFileSync('git', args, { cwd: folder, env });
  git('init', '--quiet');
  return lines(git('-c', 'core.excludesFile=', 'ls-files', '-z', '--others', '--exclude-standard'));
}

function lines(output: Buffer): string[] {
  return nameFromBuffer(output)
    .split('\0')
    .filter(path => path !== '')
    .sort();
}
