import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

// How things are spelled, wherever that is ours to choose.
const spelling = [
  {
    selector: '[type=/^(MethodDefinition|PropertyDefinition)$/][accessibility="private"][kind!="constructor"]',
    message: 'Write #name, or say in a comment why it cannot be.',
  },
  { selector: 'Identifier[name=/[a-z](Max|Min)$/]', message: 'Write maximumX or minimumX.' },
];

export default defineConfig(
  // The programs of docs/found/ have packages of their own, which are not installed.
  globalIgnores(['docs/found/', '.found/', 'dist/', '.build-*/', '.bench/', 'node_modules/', 'results/', 'coverage/']),
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['*.js', '*.mjs'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'no-restricted-syntax': ['error', ...spelling],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // With noUncheckedIndexedAccess, `!` is the one way to say that an index is within bounds at no cost.
      '@typescript-eslint/no-non-null-assertion': 'off',
      // The signal that unwinds the program under test is no Error: nobody is to take it for one of theirs.
      '@typescript-eslint/only-throw-error': ['error', { allow: [{ from: 'file', name: 'ExecutionEnded' }] }],
      // `while (true)` with a way out in the middle is how loops over shared memory read best.
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
    },
  },
  {
    // What is printed goes through `Output.print`, which lets no text act on a terminal or pass for a workflow command.
    files: ['harness/**/*.ts'],
    ignores: ['**/*.test.ts', 'harness/cli/{main,reporters,signals,watch-output}.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...spelling,
        {
          selector: 'CallExpression[callee.property.name="write"][callee.object.name=/^std(out|err)$/]',
          message: 'Print lines with streamOutput(...).print instead.',
        },
        {
          selector: 'CallExpression[callee.property.name="write"][callee.object.property.name=/^std(out|err)$/]',
          message: 'Print lines with streamOutput(...).print instead.',
        },
      ],
    },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: { console: 'readonly' } },
  },
);
