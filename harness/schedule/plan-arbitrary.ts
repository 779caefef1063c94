import fc, { Arbitrary, Value, type Random, type Stream } from 'fast-check';
import type { Plan, Schedule } from './schedule.js';
import { inputVariants, simplerSchedules } from './simplify.js';

/** Everything in a plan except its schedule. */
export type PlanInputs = Omit<Plan, 'schedule'>;

interface PlanContext {
  /** The inputs as their own arbitrary drew or shrank them, so that it can shrink them further. */
  readonly inputs: Value<PlanInputs>;
  /** Whether smaller inputs have already been tried with schedules of all kinds. */
  readonly inputsExhausted: boolean;
}

/**
 * Draws plans: inputs and schedule independently of each other. Shrinks them together, because they depend on each
 * other: with fewer writers or iterations the same race needs its preemption at another step. So each smaller input is
 * tried with a range of simple schedules. They are made from the current value only, so fast-check can follow them again when
 * it replays a path.
 */
export class PlanArbitrary extends Arbitrary<Plan> {
  readonly #inputs: Arbitrary<PlanInputs>;
  readonly #schedule: Arbitrary<Schedule>;
  readonly #startedWorkers: number;
  readonly #decide: (plan: Plan) => Schedule | undefined;

  /**
   * @param options.startedWorkers how many agents executions have besides the main agent and the writers. Default 0
   * @param options.decide executes a plan with a walk, and returns the same schedule without it; undefined if that cannot be told
   */
  constructor(
    inputs: Arbitrary<PlanInputs>,
    schedule: Arbitrary<Schedule>,
    options: {
      readonly startedWorkers?: number;
      readonly decide?: (plan: Plan) => Schedule | undefined;
    } = {},
  ) {
    super();
    this.#startedWorkers = options.startedWorkers ?? 0;
    this.#decide = options.decide ?? (() => undefined);
    this.#inputs = inputs;
    this.#schedule = schedule;
  }

  override generate(random: Random, biasFactor: number | undefined): Value<Plan> {
    const inputs = this.#inputs.generate(random, biasFactor);
    const schedule = this.#schedule.generate(random, biasFactor);
    return this.#join(inputs, schedule.value, false);
  }

  #join(inputs: Value<PlanInputs>, schedule: Schedule, inputsExhausted: boolean): Value<Plan> {
    const context: PlanContext = { inputs, inputsExhausted };
    return new Value({ ...inputs.value, schedule }, context);
  }

  override canShrinkWithoutContext(_value: unknown): _value is Plan {
    return false;
  }

  override shrink(plan: Plan, context: unknown): Stream<Value<Plan>> {
    if (context === undefined) return fc.stream<Value<Plan>>([][Symbol.iterator]());
    return fc.stream(this.#smaller(plan, context as PlanContext));
  }

  #agentsOf({ writers }: PlanInputs): number {
    return writers + 1 + this.#startedWorkers;
  }

  *#smaller(plan: Plan, { inputs, inputsExhausted }: PlanContext): IterableIterator<Value<Plan>> {
    const { walk, ...withoutWalk } = plan.schedule;
    if (walk !== undefined) {
      const decided = this.#decide(plan);
      const schedules = decided === undefined ? inputVariants(withoutWalk, this.#agentsOf(inputs.value)) : [decided];
      for (const schedule of schedules) yield this.#join(inputs, schedule, inputsExhausted);
      return;
    }
    for (const smaller of this.#inputs.shrink(inputs.value, inputs.context)) {
      const schedules = inputsExhausted ? [plan.schedule] : inputVariants(plan.schedule, this.#agentsOf(smaller.value));
      for (const schedule of schedules) yield this.#join(smaller, schedule, inputsExhausted);
    }
    for (const schedule of simplerSchedules(plan.schedule, this.#agentsOf(plan)))
      yield this.#join(inputs, schedule, true);
  }
}
