import { describe, expect, it } from 'vitest';
import { maximumTimeoutMs, requireSize, requireTimeout, WaitTimeout } from './limit-errors.js';

describe('requireTimeout', () => {
  it('takes milliseconds, or none for no limit', () => {
    expect(requireTimeout(undefined)).toBe(Infinity);
    expect(requireTimeout(Infinity)).toBe(Infinity);
    for (const timeoutMs of [0, 0.5, 1_000, maximumTimeoutMs]) expect(requireTimeout(timeoutMs)).toBe(timeoutMs);
  });

  // A timer set to more than the maximum fires at once.
  it.each([-1, -Infinity, Number.NaN, maximumTimeoutMs + 1, Number.MAX_SAFE_INTEGER])('refuses %s', (timeoutMs) => {
    expect(() => requireTimeout(timeoutMs)).toThrow(RangeError);
    expect(() => requireTimeout(timeoutMs)).toThrow(
      `timeoutMs must be from 0 to 2147483647 milliseconds, or Infinity for no limit, but it is ${timeoutMs}.`,
    );
  });

  it.each(['10', null, {}])('refuses what is no number: %s', (timeoutMs) => {
    expect(() => requireTimeout(timeoutMs as unknown as number)).toThrow(RangeError);
  });
});

describe('requireSize', () => {
  it('takes whole numbers within the bounds, which are included', () => {
    for (const size of [1, 2, 3]) expect(requireSize('The size', size, 1, 3)).toBe(size);
  });

  it.each([0, 4, 1.5, Number.NaN, Infinity])('refuses %s', (size) => {
    expect(() => requireSize('The size', size, 1, 3)).toThrow(RangeError);
    expect(() => requireSize('The size', size, 1, 3)).toThrow(
      `The size must be a whole number from 1 to 3, but it is ${size}.`,
    );
  });
});

it('WaitTimeout is an error with a name', () => {
  expect(new WaitTimeout('late')).toMatchObject({ name: 'WaitTimeout', message: 'late' });
  expect(new WaitTimeout('late')).toBeInstanceOf(Error);
});
