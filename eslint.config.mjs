/** @import { ConfigWithExtends } from 'typescript-eslint' */
import tseslint from 'typescript-eslint';

/** Calls that only one module may make, since they do something else than they seem to. */
const everywhere = [
  {
    selector:
      "CallExpression:matches([callee.name=/^mkdir/], [callee.property.name=/^mkdir/]) Property[key.name='recursive']",
    message: 'It never returns where mkdir answers ENOENT: makeFolder (src/engine/files/make-folder.ts) does.',
  },
  {
    selector: 'Identifier[name=/^[fl]?utimes(Sync)?$/]',
    message: 'Node makes the current time of a negative number: src/engine/files/file-times.ts sets times of files.',
  },
];
const untranslated = [
  "NewExpression[callee.name='PhlbError'] > *.arguments:nth-child(2)",
  "Property[key.name='hint'] > *",
].map(place => ({
  selector: `${place}:matches(Literal, TemplateLiteral)`,
  message: 'The editor says it in its own language: make it a phrase`…`.',
}));
/** What a catch clause may hand its error to, since each throws what it does not know (or tells all of it). */
const passesOn = [
  'passUnforeseen',
  'passAllButRefusals',
  'refusalCode',
  'refusalOf',
  'refusal',
  'pathErrorOf',
  'notPlaced',
  'toErrorData',
  'fail',
  'reportFailure',
  'itemError',
  'why',
  'exitStatus',
];
const noBlindCatch = {
  selector: `CatchClause:not(:has(ThrowStatement)):not(:has(CallExpression Identifier[name=/^(${passesOn.join('|')})$/]))`,
  message: `It would hide a mistake of PHLB: let it through (${passesOn[0]} in engine/words/errors.ts).`,
};
/** What the process around the command line has: `main.ts` hands it in (`world.ts`). */
const surroundings = [
  ':not(MemberExpression[computed=false]) > Identifier[name=/^(process|console|globalThis)$/]',
  'MemberExpression > Identifier.object[name=/^(process|console|globalThis)$/]',
  'ImportDeclaration[source.value=/^(node:)?(os|process|console|tty|readline|child_process|worker_threads)$/]',
].map(selector => ({ selector, message: 'What is around the command line comes in: src/cli/world.ts.' }));
const handMade = {
  selector:
    "CatchClause IfStatement:matches([test.left.callee.name='errno'], [test.right.type='Identifier'][test.right.name='undefined']) > ThrowStatement[argument.name='error']",
  message: 'passAllButRefusals, refusalCode and unlessRefused in engine/words/errors.ts do it.',
};
const catches = [noBlindCatch, handMade];
/** What shows texts, and by the editor's ways makes more of them than texts; and the modules that make them plain first. */
const sinks = {
  calls:
    'show(Information|Warning|Error)Message|showQuickPick|showInputBox|showOpenDialog|showSaveDialog|showWorkspaceFolderPick|' +
    'createQuickPick|createInputBox|createStatusBarItem|setStatusBarMessage|withProgress|withScmProgress',
  classes: 'MarkdownString|TreeItem',
  properties: 'tooltip|message|description|accessibilityInformation|prompt|validationMessage|badge',
};
const plainSinks = ['dialogs', 'pick-list', 'toggle-box', 'markdown']
  .map(name => `src/host/editor/${name}.ts`)
  .concat('src/views/shown.ts');
const markup = [
  `MemberExpression[property.name=/^(${sinks.calls})$/]`,
  `MemberExpression[computed=true] > Literal[value=/^(${sinks.calls})$/]`,
  `ObjectPattern > Property[key.name=/^(${sinks.calls})$/]`,
  `NewExpression[callee.property.name=/^(${sinks.classes})$/]`,
  `NewExpression[callee.name=/^(${sinks.classes})$/]`,
  `AssignmentExpression:not([right.callee.object.name='Markdown']) > MemberExpression.left[property.name=/^(${sinks.properties})$/]`,
].map(selector => ({
  selector,
  message: `The editor makes links and icons of such texts: ${plainSinks.join(', ')} make them plain first.`,
}));
/** The target of a restore may be exchanged in parts while it is worked in. */
const byPath = {
  regex: '^(node:)?fs(/promises)?$',
  allowImportNames: ['BigIntStats', 'closeSync', 'constants', 'fchmodSync', 'fchownSync', 'futimesSync'],
  message: 'What is in the target is reached through HeldFolder only.',
};
const vscode = { regex: '^vscode$', message: 'Known to the editor’s rooms only.' };

const removals = {
  selector:
    ':matches(ImportSpecifier[imported.name=/^(rm|rmdir|unlink)Sync$/], MemberExpression[property.name=/^(rm|rmdir|unlink)Sync$/])',
  message: 'files/remove.ts removes, on Windows patiently.',
};

/** Types in comments: they run as they are. */
const scripts = ['{scripts,bench}/**/*.{mjs,cjs,ts}', '*.mjs'];

export default tseslint.config(
  { ignores: ['dist', 'out', 'node_modules', '.vscode-test'] },
  ...tseslint.configs.recommended,
  {
    files: ['src/**/*.ts', 'test/**/*.ts', ...scripts],
    languageOptions: { parserOptions: { project: ['./tsconfig.json', './tsconfig.page.json'] } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unnecessary-type-assertion': 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      'no-restricted-exports': ['error', { restrictDefaultExports: { direct: true } }],
    },
  },
  restricted(['src/**/*.ts'], []),
  restricted(['src/{engine,worker,setup}/**/*.ts'], [...untranslated, ...catches]),
  restricted(
    ['src/engine/**/*.ts'],
    [...untranslated, ...catches, removals],
    ['src/engine/files/remove.ts', 'src/engine/restore/**'],
  ),
  restricted(['src/{cli,mcp}/**/*.ts'], catches),
  restricted(['src/cli/**/*.ts'], [...catches, ...surroundings], ['src/cli/main.ts']),
  restricted(['src/{host,documents,views,commands,agent}/**/*.ts', 'src/extension.ts'], markup, [
    ...plainSinks,
    'src/views/storage/page/**',
  ]),
  {
    files: ['test/e2e/**/*.ts'],
    rules: {
      'no-restricted-properties': ['error', { property: 'scrollIntoViewIfNeeded', message: 'scrollTo in shoot.ts' }],
    },
  },
  { files: ['src/engine/files/file-times.ts'], rules: { 'no-restricted-syntax': 'off' } },
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  imports('src/{engine,worker,setup,mcp,cli}/**/*.ts', [vscode]),
  imports('src/engine/restore/**/*.ts', [vscode, byPath]),
);

/**
 * The last block that a file is in decides, so each holds all.
 * @param {string[]} files
 * @param {{ selector: string, message: string }[]} selectors
 * @param {string[]} ignores
 * @returns {ConfigWithExtends}
 */
function restricted(files, selectors, ignores = []) {
  return { files, ignores, rules: { 'no-restricted-syntax': ['error', ...everywhere, ...selectors] } };
}

/**
 * @param {string} files
 * @param {object[]} patterns
 * @returns {ConfigWithExtends}
 */
function imports(files, patterns) {
  return { files: [files], rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] } };
}
