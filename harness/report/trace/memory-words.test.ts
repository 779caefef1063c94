import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Operation } from '../../results/schema.js';
import { memoryWords, wordAt, type MemoryWord } from './memory-words.js';
import { operationSample } from '../testing/samples.js';

/** A trace of a small memory, and what was really in it after each operation. */
const execution = fc
  .array(
    fc.record({
      agent: fc.nat({ max: 3 }),
      operation: fc.constantFrom(
        'read',
        'Atomics.load',
        'Atomics.wait',
        'write',
        'Atomics.store',
        'Atomics.add',
        'Atomics.exchange',
        'Atomics.compareExchange',
        'Atomics.notify',
        'Atomics.wait returns',
      ),
      element: fc.nat({ max: 2 }),
      operand: fc.nat({ max: 3 }),
      expected: fc.nat({ max: 3 }),
    }),
    { maxLength: 60 },
  )
  .map((choices) => {
    const memory = [0, 1, 2];
    const truths: (readonly number[])[] = [];
    const trace = choices.map(({ agent, operation, element, operand, expected }, step): Operation => {
      const before = memory[element]!;
      if (operation === 'write' || operation === 'Atomics.store' || operation === 'Atomics.exchange')
        memory[element] = operand;
      if (operation === 'Atomics.add') memory[element] = before + operand;
      if (operation === 'Atomics.compareExchange' && before === expected) memory[element] = operand;
      truths.push([...memory]);
      const isWrite = operation === 'write' || operation === 'Atomics.store';
      const value =
        operation === 'Atomics.notify' ? 'woke 0' : operation.endsWith('returns') ? 'ok' : isWrite ? operand : before;
      return operationSample(step, agent, { operation, location: `#0[${element}]`, value: String(value) });
    });
    return { trace, truths };
  });

const wordOf = (words: readonly MemoryWord[], location: string): MemoryWord =>
  words.find((word) => word.location === location)!;

describe('memoryWords', () => {
  it('never says of a word what was not so', () => {
    fc.assert(
      fc.property(execution, ({ trace, truths }) => {
        for (const word of memoryWords(trace)) {
          const element = Number(/\[(\d)\]/.exec(word.location)?.[1]);
          expect([null, String(element)]).toContain(word.initial);
          for (const [place, truth] of truths.entries()) {
            expect([null, String(truth[element])]).toContain(wordAt(word, place));
          }
        }
      }),
    );
  });

  it('knows what was written, and what a read finds, from there on', () => {
    fc.assert(
      fc.property(execution, ({ trace }) => {
        const words = memoryWords(trace);
        for (const [place, { operation, location = '', value }] of trace.entries()) {
          if (/read|load|wait$|write|store/.test(operation)) expect(wordAt(wordOf(words, location), place)).toBe(value);
        }
      }),
    );
  });

  it('gives the same words when one steps back as when one came', () => {
    fc.assert(
      fc.property(execution, ({ trace }) => {
        const words = memoryWords(trace);
        const at = (place: number): (string | null)[] => words.map((word) => wordAt(word, place));
        const forward = trace.map((_, place) => at(place));
        const back = trace.map((_, index) => at(trace.length - 1 - index)).reverse();
        expect(back).toEqual(forward);
        // One step changes no word but the one it addresses.
        for (const [place, { location }] of trace.entries()) {
          for (const [index, word] of words.entries()) {
            if (word.location !== location) expect(forward[place]?.[index]).toBe((forward[place - 1] ?? at(-1))[index]);
          }
        }
      }),
    );
  });

  it('learns what an update left behind from what is found next, and leaves it open otherwise', () => {
    const word = (location: string, values: readonly [string, string][]): Operation[] =>
      values.map(([operation, value], step) => operationSample(step, 1, { operation, location, value }));
    const added = memoryWords(word('#0[0]', [['Atomics.add', '4'], ['Atomics.add', '5']])); // prettier-ignore
    expect(wordAt(added[0]!, -1)).toBe('4');
    expect(wordAt(added[0]!, 0)).toBe('5');
    expect(wordAt(added[0]!, 1)).toBeNull();
    const failed = memoryWords(word('#0[0]', [['Atomics.compareExchange', '1'], ['read', '1']])); // prettier-ignore
    expect(failed[0]).toMatchObject({ initial: '1', changes: [] });
  });

  it('says that a word has become another when nobody wrote it by that name', () => {
    const trace = [
      operationSample(0, 1, { operation: 'write', location: '#0[0]', value: '1' }),
      operationSample(1, 2, { operation: 'read', location: '#0[0]', value: '257' }),
    ];
    expect(memoryWords(trace)[0]?.changes).toEqual([
      { place: 0, value: '1', isOwn: true },
      { place: 1, value: '257', isOwn: false },
    ]);
  });

  it('puts words in the order of memory', () => {
    const locations = ['#1[0]', '#0[10]', '#0 byte 3', '#0[9]'];
    const trace = locations.map((location, step) => operationSample(step, 1, { operation: 'read', location }));
    expect(memoryWords(trace).map((word) => word.location)).toEqual(['#0[9]', '#0[10]', '#0 byte 3', '#1[0]']);
  });
});

describe('steps that were not kept', () => {
  it('leave every word unknown until it is seen again', () => {
    const write = (step: number, value: string): Operation => operationSample(step, 1, { operation: 'write', value });
    const trace = [
      write(0, '1'),
      operationSample(90, 1, { operation: 'pause', location: 'x' }),
      operationSample(91, 1, { value: '8' }),
    ];
    const [word] = memoryWords(trace);
    expect([0, 1, 2].map((place) => wordAt(word!, place))).toEqual(['1', '8', '8']);
    const [unseen] = memoryWords(trace.slice(0, 2));
    expect([0, 1].map((place) => wordAt(unseen!, place))).toEqual(['1', null]);
    const other = memoryWords([write(0, '1'), operationSample(90, 1, { location: '#0[7]', value: '5' })])[1]!;
    expect([-1, 0, 1].map((place) => wordAt(other, place))).toEqual([null, null, '5']);
  });
});
