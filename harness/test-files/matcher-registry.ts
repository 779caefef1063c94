import * as vitestExpect from '@vitest/expect';
import type { ExpectStatic } from '@vitest/expect';
import * as chai from 'chai';
import { snapshotMatchers, snapshotRemedy } from './unavailable.js';

type Matcher = (this: unknown, ...values: unknown[]) => unknown;
type Matchers = Readonly<Record<string, Matcher>>;
type Extend = (expect: unknown, matchers: Matchers) => void;

const { ASYMMETRIC_MATCHERS_OBJECT, GLOBAL_EXPECT, JEST_MATCHERS_OBJECT } = vitestExpect;
const { ChaiStyleAssertions, customMatchers, JestAsymmetricMatchers, JestChaiExpect, JestExtend } = vitestExpect;

/**
 * The matchers of every execution of a process. Chai keeps whatever it is taught, for ever. So it learns each name once, and what
 * the current execution means by it is looked up.
 */
export class MatcherRegistry {
  readonly #known = new Set<string>();
  readonly #current = new Map<string, Matcher>();
  #refuse: (message: string) => never = (message) => {
    throw new Error(message);
  };

  constructor() {
    for (const plugin of [JestExtend, JestChaiExpect, ChaiStyleAssertions, JestAsymmetricMatchers]) chai.use(plugin);
    (chai.expect as unknown as { extend: Extend }).extend(chai.expect, customMatchers as unknown as Matchers);
    for (const name of snapshotMatchers) {
      chai.util.addMethod(chai.Assertion.prototype, name, () => this.#refuse(snapshotRemedy));
    }
  }

  /** Forgets what the last execution has added, and makes `expect` the one that matchers find if they know no other. */
  begin(expect: ExpectStatic, refuse: (message: string) => never): void {
    this.#current.clear();
    this.#refuse = refuse;
    const { customEqualityTesters } = Reflect.get(globalThis, JEST_MATCHERS_OBJECT) as {
      readonly customEqualityTesters: unknown[];
    };
    customEqualityTesters.length = 0;
    Object.defineProperty(globalThis, GLOBAL_EXPECT, { value: expect, writable: true, configurable: true });
  }

  /** `expect.extend` */
  extend(expect: ExpectStatic, matchers: Matchers): void {
    const current = this.#current;
    for (const [name, matcher] of Object.entries(matchers)) {
      current.set(name, matcher);
      if (this.#known.has(name)) continue;
      this.#known.add(name);
      const lookUp: Matcher = function (...values) {
        const known = current.get(name);
        if (known === undefined) throw new TypeError(`expect.extend was not called with ${name}`);
        return Reflect.apply(known, this, values);
      };
      (chai.expect as unknown as { extend: Extend }).extend(chai.expect, { [name]: lookUp });
    }
    this.giveAsymmetric(expect);
  }

  /** Gives an `expect` the matchers that stand for values. */
  giveAsymmetric(expect: object): void {
    Object.assign(expect, Reflect.get(globalThis, ASYMMETRIC_MATCHERS_OBJECT));
  }
}
