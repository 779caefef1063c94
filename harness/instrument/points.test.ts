import { describe, expect, test } from 'vitest';
import { runInstrumented } from './testing/run-snippet.js';

const shared = (length: number): Int32Array => {
  const array = new Int32Array(new SharedArrayBuffer(4 * length));
  for (let index = 0; index < length; index++) array[index] = index + 1;
  return array;
};

/** The points of a snippet, as `read[element] @line:column`; its first line is line 2. */
async function pointsOf(snippet: string, make: (length: number) => unknown = shared): Promise<string[]> {
  const run = await runInstrumented(snippet, true, make);
  expect(run.points).toBe(run.operations.length);
  return run.operations.map(
    ({ operation, byteOffset, line, column }) => `${operation}[${byteOffset / 4}] @${line}:${column}`,
  );
}

describe('which points occur, and where', () => {
  const cases: readonly (readonly [snippet: string, ...points: string[]])[] = [
    ['const a = make(4); a[1]', 'read[1] @2:20'],
    ['const a = make(4)\n  a[1] = 3', 'write[1] @3:3'],
    ['const a = make(4); a[1] += a[2]', 'read[1] @2:20', 'read[2] @2:28', 'write[1] @2:20'],
    ['const a = make(4); a[1] -= 5', 'read[1] @2:20', 'write[1] @2:20'],
    ['const a = make(4); a[3]++; --a[2]', 'read[3] @2:20', 'write[3] @2:20', 'read[2] @2:30', 'write[2] @2:30'],
    ['const a = make(4); a[a[0]] = a[a[1]]', 'read[0] @2:22', 'read[1] @2:32', 'read[2] @2:30', 'write[1] @2:20'],
    [
      'const a = make(4); a[0] ||= 3; a[0] &&= 4; a[0] ??= 5',
      'read[0] @2:20',
      'read[0] @2:32',
      'write[0] @2:32',
      'read[0] @2:44',
    ],
    [
      'const a = make(4); [a[0], a[1]] = [a[1], a[0]]',
      'read[1] @2:36',
      'read[0] @2:42',
      'write[0] @2:21',
      'write[1] @2:27',
    ],
    ['const a = make(4); let x; [a[0], x = a[1], ...a[2]] = [7]', 'write[0] @2:28', 'read[1] @2:38', 'write[2] @2:47'],
    ['const a = make(4); ({ x: a[0], y: a[1] = 3 } = { x: 1 })', 'write[0] @2:26', 'write[1] @2:35'],
    ['const a = make(4); const { 0: x, [1 + 1]: y, length } = a', 'read[0] @2:26', 'read[2] @2:26'],
    ['const a = make(4); for (a[0] of [1, 2]);', 'write[0] @2:25', 'write[0] @2:25'],
    ['const o = { a: make(4), n: null }; o?.a[1]; o.n?.[0]; o.a?.[log(2)]', 'read[1] @2:36', 'read[2] @2:55'],
    [
      'const a = make(4); a["1"]; a[-0]; a[4]; a[-1]; a["-0"]; a["x"]; a["length"]; a["01"]; a[1.5]; a[4] = 1; a[-1] = 1',
      'read[1] @2:20',
      'read[0] @2:28',
    ],
    ['const a = make(4); a[{ toString: () => "2" }]', 'read[2] @2:20'],
    ['const a = make(4); new Int32Array(a)', 'read[0] @2:20', 'read[1] @2:20', 'read[2] @2:20', 'read[3] @2:20'],
    ['const f = (x = make(4)[2]) => x; f()', 'read[2] @2:16'],
    ['class A { static s = make(4)[1]; f = make(4)[3] } new A()', 'read[1] @2:22', 'read[3] @2:38'],
    ['const a = make(4); /* é\u{1f600} */ a[0]', 'read[0] @2:30'],
    [
      'const a = make(4) as number[]; const x: number = (a as number[])[1]!;\n\ta![2]! += x',
      'read[1] @2:50',
      'read[2] @3:2',
      'write[2] @3:2',
    ],
  ];
  test.each(cases)('%s', async (snippet, ...expected) => {
    expect(await pointsOf(snippet)).toEqual(expected);
  });

  test('no point on what is not shared', async () => {
    for (const [snippet] of cases) expect(await pointsOf(snippet, (length) => new Int32Array(length))).toEqual([]);
    for (const [snippet] of cases)
      expect(await pointsOf(snippet, (length) => new Array<number>(length).fill(1))).toEqual([]);
  });

  test('no point where a value cannot be stored at all', async () => {
    const bigints = (length: number): BigInt64Array => new BigInt64Array(new SharedArrayBuffer(8 * length));
    expect(await pointsOf('const a = make(2); try { a[0] = 1 } catch {} try { a[1] += 1 } catch {}', bigints)).toEqual([
      'read[2] @2:52',
    ]);
    expect(await pointsOf('const a = make(2); try { a[0] = 1n } catch {}')).toEqual([]);
  });

  test('whether a write changed memory', async () => {
    const { operations } = await runInstrumented(
      'const a = make(4); a[0] = 1; a[0] = 2; a[1] = 2.9; a[1]++',
      true,
      shared,
    );
    expect(operations.map(({ value, changed }) => [value, changed])).toEqual([
      [1, false],
      [2, true],
      [2, false],
      [2, false],
      [3, true],
    ]);
  });
});

describe('where a call says it is', () => {
  /** The places that the code announces, in order, as `line:column`. */
  async function announced(snippet: string): Promise<string[]> {
    const { announcements } = await runInstrumented(snippet, true, shared);
    return announcements.map(({ line, column }) => `${line}:${column}`);
  }

  const o = 'const o = { load: (...x) => x, read: () => o, get p() { return o } };\n';
  test.each<[string, ...string[]]>([
    ['o.load(1)', '3:1'],
    ['o.load(1, o.read())', '3:11', '3:1'],
    ['o.load(o.load(2), 3)', '3:8', '3:1'],
    ['o.load()', '3:1'],
    ['o.load(...[1])'],
    ['o.read().read()', '3:1', '3:10'],
    ['o?.p?.read()'],
    ['o.p.read()', '3:1'],
    ['o?.read(1)', '3:1'],
    ['const { read } = o; read()', '3:21'],
    ['o.p.load(await o.read(1))', '3:16', '3:1'],
    ['[...o.load(7)]', '3:5', '3:5'],
    ['for (const x of o.load(7)) log(x)', '3:17', '3:17'],
    ['log(1); o["load"](2)', '3:9'],
    [
      'const { getInt32, setBigUint64 } = { getInt32() {}, setBigUint64() {} }; getInt32(1); setBigUint64()',
      '3:74',
      '3:87',
    ],
    ['log(o.other?.load(1)); o[0]; new Date()'],
  ])('%s', async (call, ...places) => {
    expect(await announced(o + call)).toEqual(places);
  });
});
