import { addCustomEqualityTesters, chai, getState, setState } from '@vitest/expect';
import type { ExpectStatic, MatcherState } from '@vitest/expect';
import { getCurrentTest, type Test } from '@vitest/runner';
import type { MatcherRegistry } from '../matcher-registry.js';
import { snapshotRemedy } from '../unavailable.js';
import { createPoll } from './poll.js';
import type { Waiting } from './waiting.js';

type Matchers = Parameters<MatcherRegistry['extend']>[1];
type ChaiAssertion = Chai.Assertion & {
  withTest(test: Test): ChaiAssertion;
  withContext(context: { readonly soft?: boolean; readonly poll?: boolean }): ChaiAssertion;
};
type Expect = ((value: unknown, message?: string) => ChaiAssertion) & Record<string, unknown>;

interface AssertionCounts extends MatcherState {
  readonly assertionCalls: number;
  readonly isExpectingAssertions: boolean;
  readonly isExpectingAssertionsError: Error | null;
  readonly expectedAssertionsNumber: number | null;
  readonly expectedAssertionsNumberErrorGen: (() => Error) | null;
}

const noAssertions = {
  assertionCalls: 0,
  isExpectingAssertions: false,
  isExpectingAssertionsError: null,
  expectedAssertionsNumber: null,
  expectedAssertionsNumberErrorGen: null,
} as const;

/** What an `expect` needs of its execution. */
export interface ExpectParts {
  readonly waiting: Waiting;
  readonly matchers: MatcherRegistry;
  readonly refuse: (message: string) => never;
}

/** Makes the `expect` of one execution, or of one test in it. It is that of vitest: its matchers, on chai. */
export function createExpect({ waiting, matchers, refuse }: ExpectParts, test?: Test): ExpectStatic {
  const stateOf = (): AssertionCounts => getState<AssertionCounts>(self);
  const expect = Object.assign((value: unknown, message?: string): ChaiAssertion => {
    setState({ assertionCalls: stateOf().assertionCalls + 1 }, self);
    const assertion = chai.expect(value, message) as unknown as ChaiAssertion;
    const current = test ?? getCurrentTest<Test>();
    return (current as Test | undefined) === undefined ? assertion : assertion.withTest(current);
  }, chai.expect) as unknown as Expect;
  const self = expect as unknown as ExpectStatic;
  matchers.giveAsymmetric(expect);
  setState<AssertionCounts>({ ...noAssertions, currentTestName: test?.fullTestName ?? '' }, self);
  Object.assign(expect, {
    getState: () => getState(self),
    setState: (state: Partial<MatcherState>) => {
      setState(state, self);
    },
    assert: chai.assert,
    extend: (given: Matchers) => {
      matchers.extend(self, given);
    },
    addEqualityTesters: addCustomEqualityTesters,
    soft: (value: unknown, message?: string) => expect(value, message).withContext({ soft: true }),
    poll: createPoll(self, waiting),
    unreachable: (message?: string) => {
      chai.assert.fail(`expected${message === undefined ? ' ' : ` "${message}" `}not to be reached`);
    },
    addSnapshotSerializer: () => refuse(snapshotRemedy),
  });
  const assertions = (expected: number): void => {
    const makeError = (): Error =>
      new Error(`expected number of assertions to be ${expected}, but got ${stateOf().assertionCalls}`);
    setState<AssertionCounts>(
      { expectedAssertionsNumber: expected, expectedAssertionsNumberErrorGen: makeError },
      self,
    );
  };
  const hasAssertions = (): void => {
    const error = new Error('expected any number of assertion, but got none');
    setState<AssertionCounts>({ isExpectingAssertions: true, isExpectingAssertionsError: error }, self);
  };
  chai.util.addMethod(expect, 'assertions', assertions);
  chai.util.addMethod(expect, 'hasAssertions', hasAssertions);
  return self;
}

/** Prepares the counting of a test's assertions. */
export function beginCounting(expect: ExpectStatic, testName: string): void {
  setState<AssertionCounts>({ ...noAssertions, currentTestName: testName }, expect);
}

/** @throws what the test said about the number of its assertions, if it is not so */
export function checkCount(expect: ExpectStatic): void {
  const state = getState<AssertionCounts>(expect);
  const { assertionCalls, expectedAssertionsNumber, expectedAssertionsNumberErrorGen: makeError } = state;
  if (expectedAssertionsNumber !== null && assertionCalls !== expectedAssertionsNumber && makeError !== null)
    throw makeError();
  if (state.isExpectingAssertions && assertionCalls === 0 && state.isExpectingAssertionsError !== null)
    throw state.isExpectingAssertionsError;
}
