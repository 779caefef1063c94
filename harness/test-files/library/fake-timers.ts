import { withGlobal, type Config, type Clock } from '@sinonjs/fake-timers';
import { replaceable, type TestWorld } from '../test-world.js';

type Replaceable = (typeof replaceable)[number];

/** How the time of fake timers passes by itself. */
export type TickMode = 'manual' | 'nextTimerAsync' | 'interval';

const notFaked =
  'A function to advance timers was called but the timers APIs are not mocked. Call `vi.useFakeTimers()` in the test file first.';

/**
 * Fake timers by @sinonjs/fake-timers, as vitest has them. They take the place of the engine's own timers and clocks wherever the
 * program reaches those; the engine's stay in use for everything else.
 */
export class FakeTimers {
  readonly #world: TestWorld;
  /** What is faked: the fake clock replaces properties of this object, and shadows look at them. */
  readonly #target: Record<string, unknown>;
  #clock: Clock | undefined;
  /** A date that was set while timers are not faked. */
  #date: Date | undefined;

  constructor(world: TestWorld) {
    this.#world = world;
    this.#target = { Promise, Performance: undefined, ...unfaked(world) };
  }

  useFakeTimers(config: Config = {}): void {
    const RealDate = this.#world.globals['Date'] as DateConstructor;
    const now = config.now ?? this.#date ?? RealDate.now();
    this.useRealTimers();
    const { toFake = [...replaceable] } = config;
    const known = toFake.filter((name): name is Replaceable => (replaceable as readonly string[]).includes(name));
    this.#clock = withGlobal(this.#target).install({
      ...config,
      now,
      toFake: known,
      ignoreMissingTimers: true,
    });
    for (const name of known) this.#world.standIns[name] = this.#target[name];
  }

  useRealTimers(): void {
    this.#date = undefined;
    this.#clock?.uninstall();
    this.#clock = undefined;
    for (const name of replaceable) Reflect.deleteProperty(this.#world.standIns, name);
  }

  isFakeTimers(): boolean {
    return this.#clock !== undefined;
  }

  /** @throws if timers are not faked */
  get clock(): Clock {
    if (this.#clock === undefined) throw new Error(notFaked);
    return this.#clock;
  }

  advanceTimersByTime(ms: number): void {
    this.clock.tick(ms);
  }

  /** The next timer, and all that are due at its time. */
  advanceTimersToNextTimer(steps = 1): void {
    for (let step = 0; step < steps; step++) {
      this.clock.next();
      this.clock.tick(0);
      if (this.clock.countTimers() === 0) return;
    }
  }

  async advanceTimersToNextTimerAsync(steps = 1): Promise<void> {
    for (let step = 0; step < steps; step++) {
      await this.clock.nextAsync();
      this.clock.tick(0);
      if (this.clock.countTimers() === 0) return;
    }
  }

  setTimerTickMode(mode: TickMode, interval?: number): void {
    if (mode === 'manual') this.clock.setTickMode({ mode });
    else if (mode === 'nextTimerAsync') this.clock.setTickMode({ mode: 'nextAsync' });
    else this.clock.setTickMode({ mode: 'interval', delta: interval ?? 20 });
  }

  setSystemTime(time?: number | string | Date): void {
    const RealDate = this.#world.globals['Date'] as DateConstructor;
    const date = time === undefined ? undefined : new RealDate(time);
    if (this.#clock !== undefined) {
      this.#clock.setSystemTime(date);
      return;
    }
    this.#date = date ?? new RealDate();
    this.#world.standIns.Date = stoppedDate(RealDate, this.#date.getTime());
  }

  getMockedSystemTime(): Date | null {
    const RealDate = this.#world.globals['Date'] as DateConstructor;
    return this.#clock === undefined ? (this.#date ?? null) : new RealDate(this.#clock.now);
  }
}

/** The part of `Date` that tells the time; it always tells the same. */
const stoppedDate = (RealDate: DateConstructor, ms: number): Pick<DateConstructor, 'now' | 'prototype'> => ({
  now: () => ms,
  prototype: RealDate.prototype,
});

/** The engine's own timers and clocks, whatever stands in for them: what is called by name looks there first. */
export function unfaked({ globals, standIns }: TestWorld): Record<Replaceable, unknown> {
  const withoutStandIn =
    (name: Replaceable) =>
    (...values: unknown[]): unknown => {
      const { [name]: standIn } = standIns;
      Reflect.deleteProperty(standIns, name);
      try {
        return (globals[name] as (...values: unknown[]) => unknown)(...values);
      } finally {
        if (standIn !== undefined) standIns[name] = standIn;
      }
    };
  return Object.fromEntries(
    replaceable.map((name) => [name, /^(?:clear|set)/.test(name) ? withoutStandIn(name) : globals[name]]),
  ) as Record<Replaceable, unknown>;
}
