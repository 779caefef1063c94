import { parseSync } from 'oxc-parser';
import { expect, test } from 'vitest';
import { externalOption } from './external-option.js';

const optionOf = (text: string): readonly string[] | undefined =>
  externalOption(parseSync('a.ts', text, { lang: 'ts' }).program);

test('the list that a scenario file writes out', () => {
  expect(
    optionOf("import { scenario } from 'threadmill'; export default scenario({ external: ['a', `./b.js`] });"),
  ).toEqual(['a', './b.js']);
  expect(optionOf("export default scenario<X>({ run() {}, 'external': [] } satisfies Y)")).toEqual([]);
});

test('nothing, if it is not written out, or is something else', () => {
  expect(optionOf("const names = ['a']; export default scenario({ external: names });")).toBeUndefined();
  expect(optionOf("export default scenario({ external: ['a', name] });")).toBeUndefined();
  expect(optionOf("export default scenario({ params: { external: ['a'] } });")).toBeUndefined();
  expect(optionOf("export const other = { external: ['a'] };")).toBeUndefined();
});
