import type diagnostics from 'node:diagnostics_channel';

type Diagnostics = typeof diagnostics;
type AnyMethod = (this: unknown, ...values: unknown[]) => unknown;

/** Methods that add something to a channel, each with the one that removes it again. */
const opposites = [
  ['subscribe', 'unsubscribe'],
  ['bindStore', 'unbindStore'],
] as const;

/**
 * Makes a `node:diagnostics_channel` that keeps no subscriptions. Channels are Node's own objects, one for each name in the whole
 * thread, and their methods change as they gain and lose subscribers. So the methods are replaced on each object handed out.
 *
 * @param later receives a function that removes each subscription
 */
export function createShadowDiagnostics(real: Diagnostics, later: (undo: () => void) => void): object {
  const covered = new WeakSet<object>();
  const cover = <Channel extends object>(channel: Channel): Channel => {
    if (covered.has(channel)) return channel;
    covered.add(channel);
    for (const [add, remove] of opposites) {
      const value: AnyMethod = function (...values) {
        const methods = Object.getPrototypeOf(channel) as Record<string, AnyMethod>;
        later(() => {
          const after = Object.getPrototypeOf(channel) as Record<string, AnyMethod>;
          if (after[remove] !== undefined) Reflect.apply(after[remove], channel, values.slice(0, 1));
        });
        return Reflect.apply(methods[add]!, channel, values);
      };
      Object.defineProperty(channel, add, { value, configurable: true, writable: true });
    }
    return channel;
  };
  return {
    ...real,
    channel: (name: string | symbol) => cover(real.channel(name)),
    subscribe: (name: string | symbol, listener: Parameters<Diagnostics['subscribe']>[1]) => {
      later(() => real.unsubscribe(name, listener));
      real.subscribe(name, listener);
    },
    tracingChannel: (...values: Parameters<Diagnostics['tracingChannel']>) => {
      const tracing = real.tracingChannel(...values);
      for (const channel of [tracing.start, tracing.end, tracing.asyncStart, tracing.asyncEnd, tracing.error])
        cover(channel);
      return tracing;
    },
  };
}
