import fc from 'fast-check';

/** What somebody who means harm, or a tool gone wrong, may leave in the place of any value of a file. */
const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, '', {}, [], [[]], -1, 0.5, 65, 5_000, 1e8, 2 ** 53 - 1, -(2 ** 53), 1e308),
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
  fc.constantFrom(600, 1_500, 20_000).map((depth) => `${nestedMark}${String(depth)}`),
  fc.constantFrom('', '/w8i', '/w8=', 'AAAA').map(($structuredClone) => ({ value: { $structuredClone } })),
  fc.jsonValue(),
);

/** Stands for lists and objects within each other until the text is made: too deep ones cannot be made as values. */
const nestedMark = 'nested ';

const withNesting = (text: string): string =>
  text.replaceAll(new RegExp(`"${nestedMark}(\\d+)"`, 'g'), (_, depth: string) => {
    const pairs = Number(depth) / 2;
    return `${'[{"a":'.repeat(pairs)}0${'}]'.repeat(pairs)}`;
  });

type Container = Record<string, unknown> | unknown[];

interface Change {
  /** Picks a place among all that there are. */
  readonly place: number;
  readonly kind: 'replace' | 'delete' | 'add' | 'repeat';
  readonly key: string;
  readonly value: unknown;
}

const change: fc.Arbitrary<Change> = fc.record({
  place: fc.nat(),
  kind: fc.constantFrom('replace', 'replace', 'replace', 'delete', 'add', 'repeat'),
  key: fc.constantFrom('__proto__', 'constructor', 'toString', 'extra', '$structuredClone', '0'),
  value: hostileValue,
});

/** JSON of a value that has been changed in one to three places, or has been cut short. */
export function mutatedJson(value: unknown): fc.Arbitrary<string> {
  const changed = fc
    .array(change, { minLength: 1, maxLength: 3 })
    .map((changes) => withNesting(JSON.stringify(changes.reduce(changedCopy, value))));
  const cut = fc.nat({ max: JSON.stringify(value).length }).map((length) => JSON.stringify(value).slice(0, length));
  return fc.oneof({ arbitrary: changed, weight: 9 }, { arbitrary: cut, weight: 1 });
}

function changedCopy(value: unknown, { place, kind, key, value: other }: Change): unknown {
  const copy: unknown = structuredClone(value);
  const places = [...placesOf(copy)];
  const chosen = places[place % Math.max(1, places.length)];
  if (chosen === undefined) return other;
  const { container, name } = chosen;
  const old: unknown = Reflect.get(container, name);
  if (kind === 'replace') set(container, name, other);
  else if (kind === 'delete') Reflect.deleteProperty(container, name);
  else if (kind === 'add') set(container, key, other);
  else set(container, name, [old, old]);
  return copy;
}

/** Shallow ones alone: what is nested for harm's sake is there already. */
function* placesOf(value: unknown, depth = 0): Generator<{ readonly container: Container; readonly name: string }> {
  if (typeof value !== 'object' || value === null || depth > 6) return;
  for (const [name, inner] of Object.entries(value)) {
    yield { container: value as Container, name };
    yield* placesOf(inner, depth + 1);
  }
}

/** As JSON.parse has it: a key `__proto__` is a key like others. */
function set(container: Container, name: string, value: unknown): void {
  Object.defineProperty(container, name, { value, writable: true, enumerable: true, configurable: true });
}
