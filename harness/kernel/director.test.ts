import { beforeEach, describe, expect, it } from 'vitest';
import { acts, type Access } from './access.js';
import { allSleep, Director, type Direction } from './director.js';
import * as at from './layout.js';
import { operationCodes } from './operations.js';

const words = new Int32Array(at.totalWords);
const director = new Director(words);
const nothing: Direction = { agents: [], choices: [], sleepers: [] };
const write = (offset: number): Access => ({ acts: acts.write, resource: 1, offset, size: 4 });

const choose = (...agents: number[]): number => director.choose(Int32Array.from(agents), agents.length);

/** The agent writes a word. */
function performWrite(agent: number, offset: number): void {
  words[at.TRACE_POSITION] = words[at.TRACE_POSITION]! + 1;
  director.performed(agent, operationCodes.write | (4 << 8), 1, offset);
}

beforeEach(() => {
  words.fill(0);
});

describe('Director', () => {
  it('lets the first go on where nothing is directed, and notes who could have', () => {
    director.begin(nothing);
    expect(choose(2, 0, 3)).toBe(0);
    expect(words[at.CANDIDATES]).toBe(0b1101);
  });

  it('lets go on who is directed', () => {
    director.begin({ ...nothing, agents: [1, 2] });
    expect(choose(0, 1, 2)).toBe(1);
    performWrite(1, 0);
    expect(choose(0, 1, 2)).toBe(2);
    performWrite(2, 0);
    expect(choose(0, 1, 2)).toBe(0);
    expect(words[at.DIRECTION_LOST]).toBe(0);
  });

  it('says if another went on', () => {
    director.begin({ ...nothing, agents: [1] });
    expect(choose(0, 2)).toBe(0);
    performWrite(0, 0);
    expect(words[at.DIRECTION_LOST]).toBe(1);
  });

  it('keeps those that sleep from going on until another does what they would meet', () => {
    director.begin({
      ...nothing,
      agents: [0],
      sleepers: [
        { agent: 1, accesses: [write(0), write(8)] },
        { agent: 2, accesses: [write(4)] },
      ],
    });
    // Whoever is directed sleeps no more than the others.
    expect(choose(1, 0)).toBe(1);
    performWrite(0, 12);
    expect(choose(1, 2)).toBe(allSleep);
    expect(choose(1, 0)).toBe(1);
    performWrite(0, 8);
    expect(choose(1, 2)).toBe(0);
    expect(choose(2)).toBe(allSleep);
  });

  it('decides choices as directed, and the rest as 0, and notes how many options there were', () => {
    director.begin({ ...nothing, choices: [1, 2] });
    expect([director.chooseOption(3), director.chooseOption(4), director.chooseOption(5)]).toEqual([1, 2, 0]);
    expect(words[at.OFFERED_CHOICES]).toBe(3);
    expect([...words.subarray(at.OFFERS, at.OFFERS + 3 * at.offerWords)]).toEqual([0, 3, 1, 0, 4, 2, 0, 5, 0]);
  });

  it('gives up what is too long, or has too many agents', () => {
    director.begin(nothing);
    choose(0, at.maximumDirectedAgents);
    expect(words[at.DIRECTION_LOST]).toBe(1);
    director.begin(nothing);
    expect(words[at.DIRECTION_LOST]).toBe(0);
    words[at.TRACE_POSITION] = at.maximumDirected;
    expect(choose(3, 1)).toBe(0);
    expect(words[at.DIRECTION_LOST]).toBe(1);
  });
});
