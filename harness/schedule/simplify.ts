import type { Preemption, Schedule } from './schedule.js';

/** Steps at which a single preemption is tried, from the first on. */
const triedSteps = 64;
/** Agents to which it is tried. */
const triedTargets = 3;
/** The same for pairs, of which there are many more. */
const triedPairSteps = 40;
/** The longest lists for which every pair is tried. */
const pairsOfAtMost = 12;
/** Above this, steps are halved instead of tried one by one. */
const triedStepReductions = 24;

/** How many smaller numbers are tried in place of one in a list. */
const triedNumbers = 8;

const zeroChoices: readonly number[] = [];

function withPreemptions(schedule: Schedule, preemptions: readonly Preemption[]): Schedule {
  return { ...schedule, preemptions };
}

/** Every schedule of one preemption within reach of the given one's. */
function* singlePreemptions(schedule: Schedule, agents: number): IterableIterator<Schedule> {
  const last = schedule.preemptions.at(-1)?.step ?? 0;
  const targets = Math.min(triedTargets, agents - 1);
  for (let step = 0; step <= Math.min(last, triedSteps); step++) {
    for (let to = 0; to < targets; to++) yield withPreemptions(schedule, [{ step, to }]);
  }
}

/** Every schedule of two preemptions within reach, unless there are too many. */
function* pairsOfPreemptions(schedule: Schedule, agents: number): IterableIterator<Schedule> {
  const last = schedule.preemptions.at(-1)?.step ?? 0;
  const targets = Math.min(triedTargets, agents - 1);
  if (last > triedPairSteps) return;
  for (let second = 0; second <= last; second++) {
    for (let first = 0; first <= second; first++) {
      for (let to = 0; to < targets * targets; to++) {
        const firstPreemption = { step: first, to: to % targets };
        yield withPreemptions(schedule, [firstPreemption, { step: second, to: Math.floor(to / targets) }]);
      }
    }
  }
}

/** The same with another agent going first: a preemption at the very beginning may only have that effect. */
function* otherBeginnings(schedule: Schedule, agents: number): IterableIterator<Schedule> {
  for (let first = 1; first < Math.min(agents, triedTargets + 1); first++) yield { ...schedule, order: [first] };
}

/** The same preemptions, with everything else as simple as possible. */
function plainOf(schedule: Schedule): Schedule {
  return { order: [], preemptions: schedule.preemptions, choices: zeroChoices, randomSeed: 0 };
}

const isPlain = (schedule: Schedule): boolean =>
  schedule.order.length === 0 &&
  schedule.choices.length === 0 &&
  schedule.randomSeed === 0 &&
  schedule.patience === undefined &&
  schedule.slice === undefined;

/** The schedules with which a smaller input is tried: none of them has more preemptions than the given one. */
export function* inputVariants(schedule: Schedule, agents: number): IterableIterator<Schedule> {
  const plain = plainOf(schedule);
  const preempts = schedule.preemptions.length > 0;
  if (preempts) yield withPreemptions(plain, []);
  if (!isPlain(schedule)) {
    yield plain;
    if (preempts) yield withPreemptions(schedule, []);
  }
  yield schedule;
  // With fewer agents, the same number means another agent.
  if (schedule.order.length > 0) {
    for (const begun of otherBeginnings(plain, agents)) {
      yield withPreemptions(begun, []);
      if (preempts) yield begun;
    }
  }
  if (!preempts) return;
  yield* singlePreemptions(plain, agents);
  if (!isPlain(schedule)) yield* singlePreemptions(schedule, agents);
}

/** Simpler schedules for the same input, the simplest first. Each is smaller by a measure that cannot fall forever. */
export function* simplerSchedules(schedule: Schedule, agents: number): IterableIterator<Schedule> {
  const { patience, ...usuallyPatient } = schedule;
  if (patience !== undefined) yield usuallyPatient;
  const { slice, ...usuallySliced } = schedule;
  if (slice !== undefined) yield usuallySliced;
  yield* fewerPreemptions(schedule, agents);
  yield* simplerLists(schedule);
  yield* earlierPreemptions(schedule);
  if (schedule.randomSeed !== 0) yield { ...schedule, randomSeed: 0 };
}

function* fewerPreemptions(schedule: Schedule, agents: number): IterableIterator<Schedule> {
  const { preemptions } = schedule;
  const count = preemptions.length;
  if (count === 0) return;
  const plain = plainOf(schedule);
  const simplifies = !isPlain(schedule);
  if (simplifies) yield withPreemptions(plain, []);
  yield withPreemptions(schedule, []);
  if (simplifies) {
    yield plain;
    yield* singlePreemptions(plain, agents);
  }
  for (const begun of otherBeginnings(plain, agents)) yield withPreemptions(begun, []);
  if (count > 1) {
    for (const preemption of preemptions) yield withPreemptions(schedule, [preemption]);
    yield* singlePreemptions(schedule, agents);
    for (const begun of otherBeginnings(plain, agents)) yield* singlePreemptions(begun, agents);
  }
  if (count > 2) {
    yield* pairsOfPreemptions(plain, agents);
    if (simplifies) yield* pairsOfPreemptions(schedule, agents);
  }
  if (count > 2 && count <= pairsOfAtMost) {
    for (let first = 0; first < count; first++) {
      for (let second = first + 1; second < count; second++) {
        yield withPreemptions(
          schedule,
          preemptions.filter((_, index) => index === first || index === second),
        );
      }
    }
  }
  for (let size = count >> 1; size > 1; size >>= 1) {
    for (let start = 0; start < count; start += size) {
      yield withPreemptions(schedule, [...preemptions.slice(0, start), ...preemptions.slice(start + size)]);
    }
  }
  if (count > 2) {
    for (let gone = 0; gone < count; gone++) {
      yield withPreemptions(
        schedule,
        preemptions.filter((_, index) => index !== gone),
      );
    }
  }
}

function* simplerLists(schedule: Schedule): IterableIterator<Schedule> {
  const { order, choices } = schedule;
  if (order.length > 0 && choices.length > 0) yield { ...schedule, order: [], choices: [] };
  for (const shorter of simplerNumbers(order)) yield { ...schedule, order: shorter };
  for (const shorter of simplerNumbers(choices)) yield { ...schedule, choices: shorter };
}

/** Shorter lists of numbers, then lists of smaller numbers; a missing number counts as 0. */
function* simplerNumbers(numbers: readonly number[]): IterableIterator<number[]> {
  const count = numbers.length;
  if (count === 0) return;
  yield [];
  if (count > 1) yield numbers.slice(0, count >> 1);
  if (count > 2) yield numbers.slice(0, count - 1);
  for (let index = 0; index < count; index++) {
    const value = numbers[index] ?? 0;
    if (value === 0) continue;
    // Numbers are taken modulo the number of options, so none of the smaller ones means the same as another.
    for (let tried = 0; tried < Math.min(value, triedNumbers); tried++) yield numbers.with(index, tried);
    if (value > triedNumbers) yield numbers.with(index, value - 1);
  }
}

function* earlierPreemptions(schedule: Schedule): IterableIterator<Schedule> {
  const { preemptions } = schedule;
  for (const [index, { step, to }] of preemptions.entries()) {
    const earliest = index === 0 ? 0 : (preemptions[index - 1]?.step ?? 0);
    const replace = (preemption: Preemption): Schedule =>
      withPreemptions(schedule, preemptions.with(index, preemption));
    if (to > 0) yield replace({ step, to: 0 });
    if (step - earliest > triedStepReductions) yield replace({ step: earliest + ((step - earliest) >> 1), to });
    const from = Math.max(earliest, step - triedStepReductions);
    for (let tried = from; tried < step; tried++) {
      if (to > 0) yield replace({ step: tried, to: 0 });
      yield replace({ step: tried, to });
    }
    if (to > 1) yield replace({ step, to: to - 1 });
  }
}
