import { describe, expect, it } from 'vitest';
import { Lines } from '../instrument/lines.js';
import { readTestText, type TestText } from './read-test-text.js';

/** Written whole, it would concern this file. */
const environment = 'vitest-environment';

/** Where each `test(` and `it(` of a text is: tests of the real thing get these places from the runner. */
function read(source: string): { text: TestText; places: { line: number; column: number }[] } {
  const lines = new Lines(source);
  const places = [...source.matchAll(/^ *(?:test|it)(?=\(|\.)/gm)].map((match) =>
    lines.at(match.index + match[0].search(/\S/)),
  );
  return { text: readTestText('/a.test.ts', source), places };
}

const optionsIn = (source: string): unknown => {
  const { text, places } = read(source);
  const options = text.optionsOf(places);
  return { options, wrong: text.wrong };
};

describe('comments', () => {
  it('concern the test below, the suite below, or the file', () => {
    const source = `// threadmill: runs=9
import { describe, test } from 'vitest';

// threadmill: strategy=pct
describe('a', () => {
  // threadmill: runs=5
  // and a remark
  test('one', () => {});
  test('two', () => {});
});
/* threadmill: skip */
test.each([1])('three', () => {});
test('four', () => {});
`;
    expect(optionsIn(source)).toEqual({
      options: [{ runs: 5, strategy: 'pct' }, { runs: 9, strategy: 'pct' }, { runs: 9, skip: true }, { runs: 9 }],
      wrong: [],
    });
  });

  it('directly above a test at the head of a file concern the test alone', () => {
    expect(optionsIn(`// threadmill: skip\ntest('one', () => {});\ntest('two', () => {});\n`)).toMatchObject({
      options: [{ skip: true }, {}],
    });
    expect(optionsIn(`// threadmill: skip\n\ntest('one', () => {});\ntest('two', () => {});\n`)).toMatchObject({
      options: [{ skip: true }, { skip: true }],
    });
  });

  it.each([
    ['unknown', `import 'a';\n// threadmill: nonsense\ntest('a', () => {});\n`, 2, /^found "nonsense", expected skip/],
    [
      'above no test',
      `import 'a';\n// threadmill: skip\nconst a = 1;\ntest('a', () => {});\n`,
      2,
      /^found above no test/,
    ],
    ['above an empty line', `import 'a';\n// threadmill: skip\n\ntest('a', () => {});\n`, 2, /^found above no test/],
    ['after code', `import 'a';\ntest('a', () => {}); // threadmill: skip\n`, 2, /^found above no test/],
    [
      'of a file, but at a test',
      `import 'a';\n// threadmill: freshPackages=b\ntest('a', () => {});\n`,
      2,
      /head of the file$/,
    ],
  ])('that are wrong have their place: %s', (_, source, line, problem) => {
    const { text, places } = read(source);
    text.optionsOf(places);
    expect(text.wrong).toMatchObject([{ position: { line }, problem: expect.stringMatching(problem) as unknown }]);
  });

  it('do not concern tests that other files declare', () => {
    const { text } = read(`// threadmill: runs=3\nimport './others.js';\n`);
    expect(text.optionsOf([null])).toEqual([{ runs: 3 }]);
    expect(text.wrong).toEqual([]);
  });

  it('of others are no concern', () => {
    expect(optionsIn(`// threadmill is fine\n// see threadmill: it\ntest('a', () => {});\n`)).toMatchObject({
      wrong: [],
    });
  });
});

describe('what cannot be had', () => {
  const needing = (source: string): unknown => {
    const { text, places } = read(source);
    return text.unavailable.map((one) => [
      `${one.position.line}:${one.position.column}`,
      one.message.split(' is not ')[0]?.split(' are not ')[0],
      text.needing(one, places),
    ]);
  };

  it.each([
    [
      'a mocked module',
      `vi.mock('./a.js');\ntest('a', () => {});\ntest('b', () => {});\n`,
      [['1:1', 'vi.mock', [0, 1]]],
    ],
    [
      'a snapshot',
      `test('a', () => {\n  expect(1).toMatchSnapshot();\n});\ntest('b', () => {});\n`,
      [['2:13', 'snapshots', [0]]],
    ],
    [
      'a snapshot in a hook',
      `describe('s', () => {\n  afterEach(() => { expect(1).toMatchSnapshot(); });\n  test('a', () => {});\n});\ntest('b', () => {});\n`,
      [['2:31', 'snapshots', [0]]],
    ],
    [
      'a snapshot in a helper',
      `const check = () => expect(1).toMatchSnapshot();\ntest('a', () => {});\n`,
      [['1:31', 'snapshots', []]],
    ],
    [
      'a browser',
      `import { page } from '@vitest/browser/context';\ntest('a', () => {});\n`,
      [['1:1', '@vitest/browser/context', [0]]],
    ],
    ['an environment', `/** @${environment} jsdom */\ntest('a', () => {});\n`, [['1:1', 'the environment jsdom', [0]]]],
    ['the environment that is there', `// @${environment} node\ntest('a', () => {});\n`, []],
    ['a mock of an object', `test('a', () => { vi.spyOn(a, 'b'); queue.mock('a'); });\n`, []],
  ])('is found: %s', (_, source, found) => {
    expect(needing(source)).toEqual(found);
  });

  it('is not looked for in a text that cannot be parsed', () => {
    expect(readTestText('/a.test.ts', 'vi.mock(').unavailable).toEqual([]);
  });
});
