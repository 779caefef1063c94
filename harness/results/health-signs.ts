import type { HealthSign, StressRepetition, Watching } from './stress-schema.js';

/** The main agent may wait this long for a lock without counting as stalled. */
const tolerableLockWaitMs = 10;

/**
 * The four signs of a healthy bridge, from the first article: the event loop never stalls waiting for a lock, integrity in
 * every repetition, queues that rise and fall, and nothing used on the wrong agent.
 */
export function healthSigns(repetitions: readonly StressRepetition[]): HealthSign[] {
  const watched = repetitions.flatMap(({ watching }) => (watching === null ? [] : [watching]));
  return [noStallByLockWaits(watched), integrity(repetitions), queuesRiseAndFall(watched), noWrongAgentUse(watched)];
}

const notWatched = 'not watched';

function noStallByLockWaits(watched: readonly Watching[]): HealthSign {
  const sign = 'noStallByLockWaits';
  if (watched.length === 0) return { sign, healthy: null, detail: notWatched };
  const longest = Math.max(
    ...watched.flatMap(({ stalls }) =>
      stalls.filter(({ waitedFor }) => waitedFor !== null).map(({ durationMs }) => durationMs),
    ),
    ...watched.map(({ lockWaitMs }) => lockWaitMs.longestOnMain),
  );
  if (longest <= tolerableLockWaitMs) return { sign, healthy: true, detail: 'the event loop did not wait for a lock' };
  const [slowest] = watched
    .flatMap(({ stalls }) => stalls)
    .filter(({ waitedFor }) => waitedFor !== null)
    .sort((left, right) => right.durationMs - left.durationMs);
  const site = slowest?.site ?? null;
  const where = site === null ? '' : ` at ${site}`;
  return {
    sign,
    healthy: false,
    detail: `the event loop was blocked for ${longest.toFixed(1)} ms in Atomics.wait${where}`,
  };
}

function integrity(repetitions: readonly StressRepetition[]): HealthSign {
  const sign = 'integrity';
  const broken = repetitions.filter(({ verdict }) => verdict !== 'held');
  if (repetitions.length === 0) return { sign, healthy: null, detail: 'no repetition finished' };
  return broken.length === 0
    ? { sign, healthy: true, detail: `in all of ${repetitions.length} repetitions` }
    : { sign, healthy: false, detail: `broken in ${broken.length} of ${repetitions.length} repetitions` };
}

function queuesRiseAndFall(watched: readonly Watching[]): HealthSign {
  const sign = 'queuesRiseAndFall';
  const gauges = watched.flatMap(({ gauges: seen }) => seen);
  if (gauges.length === 0) return { sign, healthy: null, detail: 'no queue depth is watched' };
  const growing = gauges.filter(({ growsWithoutBound }) => growsWithoutBound);
  const deepest = (name: string): number =>
    Math.max(...gauges.filter((gauge) => gauge.name === name).map((gauge) => gauge.maximum));
  const names = [...new Set((growing.length > 0 ? growing : gauges).map(({ name }) => name))];
  const depths = names.map((name) => `${name} up to ${deepest(name)}`).join(', ');
  // A queue that grows in a single repetition may only have been observed while it rose.
  return growing.length > watched.length / 2
    ? { sign, healthy: false, detail: `grows without bound: ${depths}` }
    : { sign, healthy: true, detail: depths };
}

function noWrongAgentUse(watched: readonly Watching[]): HealthSign {
  const sign = 'noWrongAgentUse';
  if (watched.length === 0) return { sign, healthy: null, detail: notWatched };
  const uses = watched.reduce((sum, { wrongAgentUses }) => sum + wrongAgentUses, 0);
  return uses === 0
    ? { sign, healthy: true, detail: 'nothing blocking was called on the event loop' }
    : {
        sign,
        healthy: false,
        detail: `a blocking wait on the event loop, or an object that cannot leave its agent: ${uses} times`,
      };
}

/** How fast memory grows, by least squares over the repetitions; null with fewer than three. */
export function memorySlopeMiBPerMinute(
  samples: readonly { readonly atMs: number; readonly heapMiB: number }[],
): number | null {
  if (samples.length < 3) return null;
  const meanMs = samples.reduce((sum, { atMs }) => sum + atMs, 0) / samples.length;
  const meanMiB = samples.reduce((sum, { heapMiB }) => sum + heapMiB, 0) / samples.length;
  let covariance = 0;
  let variance = 0;
  for (const { atMs, heapMiB } of samples) {
    covariance += (atMs - meanMs) * (heapMiB - meanMiB);
    variance += (atMs - meanMs) ** 2;
  }
  return variance === 0 ? 0 : (covariance / variance) * 60_000;
}
