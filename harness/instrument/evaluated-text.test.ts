import { expect, test } from 'vitest';
import { asEvaluated } from './evaluated-text.js';

const script = (text: string) =>
  ({ kind: 'text', text, directory: '/project', format: 'commonjs', name: '[worker eval]' }) as const;

test.each([
  "import 'node:fs';",
  "import { join } from 'node:path'; join('a');",
  'export default 1;',
  'console.log(import.meta.url);',
  'const answer = await 1;',
])('a text with the syntax of a module is one: %s', (text) => {
  const entry = asEvaluated(script(text));
  expect(entry).toMatchObject({ text, format: 'module', name: 'file:///project/[eval1]' });
});

test.each(['', "require('node:fs');", "import('node:fs');", 'var await = 1; return;', 'with ({}) {}', 'let 1 = 2;'])(
  'any other text is a script: %s',
  (text) => {
    expect(asEvaluated(script(text))).toEqual(script(text));
  },
);

test('other entries stay as they are', () => {
  const file = { kind: 'file', file: '/project/worker.cjs' } as const;
  expect(asEvaluated(file)).toBe(file);
  const json = { ...script('export default 1;'), format: 'json' } as const;
  expect(asEvaluated(json)).toBe(json);
});
