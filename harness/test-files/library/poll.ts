import { chai, type ExpectStatic } from '@vitest/expect';
import type { Test } from '@vitest/runner';
import type { Waiting, WaitOptions } from './waiting.js';

type Matcher = (this: unknown, ...values: unknown[]) => unknown;

interface Polled {
  withContext(context: { readonly poll: true }): Chai.Assertion;
}

interface PollOptions extends WaitOptions {
  readonly message?: string;
}

/** `expect.poll`: a matcher is tried until it accepts what a function returns. */
export function createPoll(expect: ExpectStatic, waiting: Waiting): unknown {
  return (look: () => unknown, { message, ...options }: PollOptions = {}): unknown => {
    const assertion = (expect(null, message ?? '') as unknown as Polled).withContext({ poll: true });
    const test = chai.util.flag(assertion, 'vitest-test') as Test | undefined;
    if (test === undefined) throw new Error('expect.poll() must be called inside a test');
    const proxy: unknown = new Proxy(assertion, {
      get(target, key, receiver): unknown {
        const matcher: unknown = Reflect.get(target, key, receiver);
        if (typeof matcher !== 'function') return matcher instanceof chai.Assertion ? proxy : matcher;
        if (key === 'assert') return matcher;
        return (...values: unknown[]): unknown => {
          const tried = async (): Promise<unknown> => {
            chai.util.flag(assertion, 'object', await look());
            return (matcher as Matcher).call(assertion, ...values);
          };
          return lazily(test, `expect.poll(assertion).${String(key)}()`, () =>
            waiting.until({ what: 'expect.poll', look: tried, accepts: () => true, forgives: true, options }),
          );
        };
      },
    });
    return proxy;
  };
}

/** A promise that starts when it is awaited. A test that does not await it fails. */
function lazily(test: Test, name: string, start: () => Promise<unknown>): PromiseLike<unknown> & object {
  let started: Promise<unknown> | undefined;
  const notAwaited = new Error(`${name} was not awaited. It does nothing until it is: write "await ${name}".`);
  const finishing = test as Test & { onFinished?: (() => void)[] };
  finishing.onFinished ??= [];
  finishing.onFinished.push(() => {
    if (started === undefined) throw notAwaited;
  });
  const promise = (): Promise<unknown> => (started ??= start());
  return {
    then: (onFulfilled, onRejected) => promise().then(onFulfilled, onRejected),
    catch: (onRejected: (reason: unknown) => unknown) => promise().catch(onRejected),
    finally: (onFinally: () => void) => promise().finally(onFinally),
    [Symbol.toStringTag]: 'Promise',
  } as PromiseLike<unknown> & object;
}
