import fc from 'fast-check';
import type { z } from 'zod';
import type { CampaignEvent } from '../../results/events.js';
import { counterexampleSchema, runRecordSchema, type Counterexample, type RunRecord } from '../../results/schema.js';

/** Begins a line in many hostile texts. It may appear in a report, but never at the beginning of a line. */
export const forged = 'FORGED';

const pieces = [
  `\n${forged}`,
  `\r\n${forged}`,
  `\u2028${forged}`,
  '\n::error::x',
  '\n \u00a0\t::set-output name=a::b',
  '\n\u200d::add-mask::x',
  '::warning file=a,line=1::x',
  '##[error]x',
  '###[group]',
  '##vso[task.complete]x',
  '%0A::error::x',
  '\u001b[31mred\u001b[0m',
  '\u001b]0;title\u0007',
  '\u001b[2J\u001b[1A',
  '\u009b31m',
  '\b\b\b',
  '\u0000',
  '\t',
  '\u202e\u2066\u200b\ufeff',
  ']]>',
  '\ufffe',
  '\ud800',
  '\udc00x',
  '</script><script>alert(1)</script>',
  '<!--',
  '<img src=x onerror=alert(1)>',
  '"\'`',
  '```\n',
  '| a | b |',
  '\n| --- |\n',
  '[a](javascript:alert(1))',
  '![a](b)',
  '@team #1 a@b.com https://a.b www.a.b :smile:',
  '\n# ',
  '$(touch a)`touch b`; touch c \\',
  '--help',
  '漢字 👩‍👩‍👧 e\u0301',
  '__proto__',
  'L'.repeat(1_000),
  '  ',
];

/** Text made to break out of any context. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      { arbitrary: fc.constantFrom(...pieces), weight: 6 },
      { arbitrary: fc.string({ unit: 'binary', maxLength: 6 }), weight: 1 },
    ),
    { maxLength: 4 },
  )
  .map((parts) => parts.join(''));

/** The parts of a schema's definition that are needed here. */
interface Definition {
  readonly type: string;
  readonly format?: string;
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
  readonly element?: z.core.$ZodType;
  readonly innerType?: z.core.$ZodType;
  readonly valueType?: z.core.$ZodType;
  readonly options?: readonly z.core.$ZodType[];
  readonly entries?: Readonly<Record<string, string>>;
  readonly values?: readonly unknown[];
}

/**
 * Any value that a schema accepts, with hostile text wherever it accepts text. A field that is added to a schema is
 * covered automatically.
 */
export function hostileValue<Schema extends z.ZodType>(schema: Schema): fc.Arbitrary<z.output<Schema>> {
  return arbitraryOf(schema).filter((value) => schema.safeParse(value).success) as fc.Arbitrary<z.output<Schema>>;
}

function arbitraryOf(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
  const definition = schema._zod.def as Definition;
  const { format, shape, element, innerType, valueType, options, entries, values } = definition;
  switch (definition.type) {
    case 'string':
      if (format === 'datetime') return fc.constant('2026-01-02T03:04:05.678Z');
      return hostileText.map((text) => [text, '-', '1'].find((candidate) => isTaken(schema, candidate)));
    case 'number':
      // This is about hostile text. Unbounded numbers are left to the tests of the schemas.
      return fc.integer({ min: -3, max: 1_000 }).map((number) => (isTaken(schema, number) ? number : 1));
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'literal':
    case 'enum':
      return fc.constantFrom(...(values ?? Object.values(entries ?? {})));
    case 'unknown':
      return fc.oneof(hostileText, fc.nat(), fc.record({ $structuredClone: hostileText }));
    case 'nullable':
      return fc.option(arbitraryOf(innerType!), { freq: 4 });
    case 'optional':
      return arbitraryOf(innerType!);
    case 'array':
      return fc.array(arbitraryOf(element!), { maxLength: 3 });
    case 'record':
      return fc.dictionary(hostileText, arbitraryOf(valueType!), { maxKeys: 2 });
    case 'union':
      return fc.oneof(...options!.map(arbitraryOf));
    case 'object': {
      const fields = Object.entries(shape!);
      const required = fields.filter(([, field]) => (field._zod.def as Definition).type !== 'optional');
      return fc.record(Object.fromEntries(fields.map(([name, field]) => [name, arbitraryOf(field)])), {
        requiredKeys: required.map(([name]) => name),
      });
    }
    default:
      throw new Error(`values of a schema of type ${definition.type} are not made yet`);
  }
}

function isTaken(schema: z.core.$ZodType, value: unknown): boolean {
  return (schema as z.ZodType).safeParse(value).success;
}

export const hostileRecord: fc.Arbitrary<RunRecord> = hostileValue(runRecordSchema);
export const hostileCounterexample: fc.Arbitrary<Counterexample> = hostileValue(counterexampleSchema);

/** The events of a run, with hostile text in every field. */
export const hostileEvents: fc.Arbitrary<CampaignEvent[]> = fc
  .record({
    record: hostileRecord,
    counterexample: fc.option(hostileCounterexample, { freq: 4 }),
    note: hostileText,
    recordFile: fc.option(hostileText),
  })
  .map(({ record, counterexample, note, recordFile }) => [
    { kind: 'runStarted', seed: record.seed, scenarios: record.scenarios.length, explorers: 2, endsInMs: null },
    { kind: 'note', message: note },
    ...record.scenarios.flatMap((result): CampaignEvent[] => [
      { kind: 'scenarioStarted', name: result.name, file: result.file, plannedExecutions: 2_000 },
      { kind: 'progress', name: result.name, executions: 100, executionsPerSecond: 24_000, phase: 'exploring' },
      { kind: 'scenarioFinished', result, counterexample },
    ]),
    { kind: 'runFinished', record, recordFile },
  ]);

/** The lines of a text that act on a terminal or a CI runner, or pass for our own. There should be none. */
export function actingLines(text: string): string[] {
  return linesOf(text).filter((line) => line.startsWith(forged) || isCommand(line) || Array.from(line).some(acts));
}

/** The lines that act, for output in which foreign text may begin a line. */
export function actingWithin(text: string): string[] {
  return linesOf(text).filter((line) => isCommand(line) || Array.from(line).some(acts));
}

/** The characters of a text that act on a display, except line breaks, for output that no CI runner reads. */
export function actingCharacters(text: string): string[] {
  return Array.from(text).filter((character) => !/[\n\t]/.test(character) && acts(character));
}

function linesOf(text: string): string[] {
  return text.replace(/\n$/, '').split('\n');
}

/** Recognises commands as GitHub's runner does. */
function isCommand(line: string): boolean {
  return line.trimStart().startsWith('::') || /##\w*\[/.test(line);
}

function acts(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  const isIn = (first: number, last: number): boolean => first <= code && code <= last;
  return (
    isIn(0, 0x1f) ||
    isIn(0x7f, 0x9f) ||
    isIn(0xd800, 0xdfff) ||
    isIn(0x2028, 0x202e) ||
    isIn(0x2060, 0x206f) ||
    [0x61c, 0x200b, 0x200e, 0x200f, 0xfeff, 0xfffe, 0xffff].includes(code)
  );
}

/** A text without the colours of reports. */
export function withoutColors(text: string): string {
  // eslint-disable-next-line no-control-regex -- finding escapes is the point
  return text.replace(/\u001b\[\d+m/g, '');
}
