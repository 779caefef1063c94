import fc from 'fast-check';

/** What an attacker or a broken tool may put in place of any value of a file. */
const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    '',
    {},
    [],
    [[]],
    0,
    1,
    3,
    7,
    -1,
    0.5,
    65,
    5_000,
    1e8,
    2 ** 53 - 1,
    -(2 ** 53),
    1e308,
  ),
  fc.constantFrom(
    '\u001b[2J',
    'x\n::error::y',
    '\u202e',
    '__proto__',
    'a'.repeat(5_000),
    '1/100000000',
    '\0',
    '</script>',
  ),
  fc.constantFrom(
    '../outside/evil.scenario.ts',
    '../outside/evil.txt',
    '.env',
    'package.json',
    '/etc/passwd',
    '.',
    'C:\\a',
  ),
  fc.constantFrom('threadmill:../../../.env', 'results/../../outside/evil.txt', 'scenarios/gone.scenario.ts'),
  fc.constantFrom(600, 1_500, 20_000).map((depth) => `${nestedMark}${depth}`),
  fc.constantFrom('', '/w8i', '/w8=', 'AAAA').map(($structuredClone) => ({ value: { $structuredClone } })),
  fc.jsonValue(),
);

/** Stands for nested lists and objects until the text is made: very deep ones cannot be made as values. */
const nestedMark = 'nested ';

const withNesting = (text: string): string =>
  text.replaceAll(new RegExp(`"${nestedMark}(\\d+)"`, 'g'), (_, depth: string) => {
    const pairs = Number(depth) / 2;
    return `${'[{"a":'.repeat(pairs)}0${'}]'.repeat(pairs)}`;
  });

type Container = Record<string, unknown> | unknown[];

interface Change {
  /** A path to a place: the index of a value at each level, modulo their number. */
  readonly place: readonly number[];
  readonly kind: 'nudge' | 'replace' | 'delete' | 'add' | 'repeat';
  readonly key: string;
  readonly value: unknown;
}

const change: fc.Arbitrary<Change> = fc.record({
  place: fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
  kind: fc.constantFrom('nudge', 'nudge', 'replace', 'replace', 'delete', 'add', 'repeat'),
  key: fc.constantFrom('__proto__', 'constructor', 'toString', 'extra', '$structuredClone', '0'),
  value: hostileValue,
});

/** JSON of a value that was changed in one to three places, or was cut short. */
export function mutatedJson(value: unknown): fc.Arbitrary<string> {
  const changed = fc
    .array(change, { minLength: 1, maxLength: 3 })
    .map((changes) => withNesting(JSON.stringify(changes.reduce(changedCopy, value))));
  const cut = fc.nat({ max: JSON.stringify(value).length }).map((length) => JSON.stringify(value).slice(0, length));
  return fc.oneof({ arbitrary: changed, weight: 9 }, { arbitrary: cut, weight: 1 });
}

function changedCopy(value: unknown, { place, kind, key, value: other }: Change): unknown {
  const copy: unknown = structuredClone(value);
  const chosen = placeIn(copy, place);
  if (chosen === undefined) return other;
  const { container, name } = chosen;
  const old: unknown = Reflect.get(container, name);
  if (kind === 'nudge') set(container, name, nudged(old));
  else if (kind === 'replace') set(container, name, other);
  else if (kind === 'delete') Reflect.deleteProperty(container, name);
  else if (kind === 'add') set(container, key, other);
  else set(container, name, [old, old]);
  return copy;
}

/** A similar value of the same kind, which may look correct. */
function nudged(value: unknown): unknown {
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'string') return `${value}x`;
  return Array.isArray(value) ? value.slice(1) : value;
}

interface Place {
  readonly container: Container;
  readonly name: string;
}

function placeIn(value: unknown, [index = 0, ...further]: readonly number[]): Place | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const names = Object.keys(value);
  const name = names[index % Math.max(1, names.length)];
  if (name === undefined) return undefined;
  const here = { container: value as Container, name };
  return further.length === 0 ? here : (placeIn(Reflect.get(value, name), further) ?? here);
}

/** As in JSON.parse, `__proto__` is an ordinary key. */
function set(container: Container, name: string, value: unknown): void {
  Object.defineProperty(container, name, { value, writable: true, enumerable: true, configurable: true });
}
