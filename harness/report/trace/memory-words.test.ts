import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OperationKind } from '../../operation-kinds.js';
import type { Operation } from '../../results/operation-schema.js';
import { memoryWords, wordAt, type MemoryWord } from './memory-words.js';
import { addressText } from '../text/operation.js';
import { operationSample, wordSample } from '../testing/samples.js';

/** A trace of a small memory, and its actual content after each operation. */
const execution = fc
  .array(
    fc.record({
      agent: fc.nat({ max: 3 }),
      kind: fc.constantFrom<OperationKind>(
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
    const trace = choices.map(({ agent, kind, element, operand, expected }, step): Operation => {
      const before = memory[element]!;
      if (kind === 'write' || kind === 'Atomics.store' || kind === 'Atomics.exchange') memory[element] = operand;
      if (kind === 'Atomics.add') memory[element] = before + operand;
      if (kind === 'Atomics.compareExchange' && before === expected) memory[element] = operand;
      truths.push([...memory]);
      const isWrite = kind === 'write' || kind === 'Atomics.store';
      const found: Partial<Operation> =
        kind === 'Atomics.notify'
          ? { woken: 0 }
          : kind === 'Atomics.wait returns'
            ? { result: 'ok' }
            : { value: isWrite ? operand : before };
      return operationSample(step, agent, { kind, address: wordSample(element), ...found });
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
        for (const [place, { kind, address, value }] of trace.entries()) {
          if (/read|load|wait$|write|store/.test(kind))
            expect(wordAt(wordOf(words, addressText(address!)), place)).toBe(String(value));
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
        // A step only changes the word that it addresses.
        for (const [place, { address }] of trace.entries()) {
          for (const [index, word] of words.entries()) {
            if (word.location !== addressText(address!))
              expect(forward[place]?.[index]).toBe((forward[place - 1] ?? at(-1))[index]);
          }
        }
      }),
    );
  });

  it('learns what an update left behind from what is found next, and leaves it open otherwise', () => {
    const word = (values: readonly [OperationKind, number][]): Operation[] =>
      values.map(([kind, value], step) => operationSample(step, 1, { kind, value }));
    const added = memoryWords(word([['Atomics.add', 4], ['Atomics.add', 5]])); // prettier-ignore
    expect(wordAt(added[0]!, -1)).toBe('4');
    expect(wordAt(added[0]!, 0)).toBe('5');
    expect(wordAt(added[0]!, 1)).toBeNull();
    const failed = memoryWords(word([['Atomics.compareExchange', 1], ['read', 1]])); // prettier-ignore
    expect(failed[0]).toMatchObject({ initial: '1', changes: [] });
  });

  it('says that a word has become another when nobody wrote it by that name', () => {
    const trace = [
      operationSample(0, 1, { kind: 'write', value: 1 }),
      operationSample(1, 2, { kind: 'read', value: 257 }),
    ];
    expect(memoryWords(trace)[0]?.changes).toEqual([
      { place: 0, value: '1', isOwn: true },
      { place: 1, value: '257', isOwn: false },
    ]);
  });

  it('puts words in the order of memory', () => {
    const addresses = [wordSample(0, 1), wordSample(10), { ...wordSample(0), byteOffset: 3 }, wordSample(9)];
    const trace = addresses.map((address, step) => operationSample(step, 1, { kind: 'read', address }));
    expect(memoryWords(trace).map((word) => word.location)).toEqual(['#0[9]', '#0[10]', '#0 byte 3', '#1[0]']);
  });
});

describe('steps that were not kept', () => {
  it('leave every word unknown until it is seen again', () => {
    const write = (step: number, value: number): Operation => operationSample(step, 1, { kind: 'write', value });
    const trace = [
      write(0, 1),
      operationSample(90, 1, { kind: 'pause', address: { kind: 'reader', reader: 0 } }),
      operationSample(91, 1, { value: 8 }),
    ];
    const [word] = memoryWords(trace);
    expect([0, 1, 2].map((place) => wordAt(word!, place))).toEqual(['1', '8', '8']);
    const [unseen] = memoryWords(trace.slice(0, 2));
    expect([0, 1].map((place) => wordAt(unseen!, place))).toEqual(['1', null]);
    const other = memoryWords([write(0, 1), operationSample(90, 1, { address: wordSample(7), value: 5 })])[1]!;
    expect([-1, 0, 1].map((place) => wordAt(other, place))).toEqual([null, null, '5']);
  });
});
