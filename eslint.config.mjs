import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist', 'out', 'node_modules', '.vscode-test'] },
  ...tseslint.configs.recommended,
  {
    files: ['src/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts'],
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
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  // The rooms: imports run in one direction (docs/design.md). Engine knows nobody; worker and cli know the engine;
  // the editor's rooms know the engine by its types only.
  room('src/engine/**', ['vscode', '**/worker/**', '**/cli/**', '**/host/**', '**/views/**', '**/commands/**']),
  room('src/worker/**', ['vscode', '**/cli/**', '**/host/**', '**/views/**', '**/commands/**']),
  room('src/cli/**', ['vscode', '**/host/**', '**/views/**', '**/commands/**']),
  room('src/host/**', ['**/cli/**', '**/views/**', '**/commands/**', '**/documents/**', '**/agent/**']),
  room('src/documents/**', ['**/cli/**', '**/views/**', '**/commands/**', '**/agent/**']),
  room('src/views/**', ['**/cli/**', '**/commands/**', '**/agent/**']),
  room('src/commands/**', ['**/cli/**', '**/agent/**']),
  room('src/agent/**', ['**/cli/**', '**/views/**', '**/commands/**']),
);

function room(files, forbidden) {
  return { files: [`${files}/*.ts`], rules: { 'no-restricted-imports': ['error', { patterns: forbidden }] } };
}
