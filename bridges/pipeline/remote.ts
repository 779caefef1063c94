import type { MessagePort } from 'node:worker_threads';
import { encodeError, PortClosed, RemoteError, type PlainError } from '../message-port/errors.js';
import type { Line } from '../message-port/line.js';
import { PortReader } from '../message-port/port-reader.js';
import { PortWriter } from '../message-port/port-writer.js';
import type { WaitOptions } from '../primitives/async-queue.js';
import { asStageFailed } from './errors.js';
import type { Intake } from './intake.js';

type Freight = { readonly value: unknown } | { readonly failed: PlainError };

/**
 * The intake of a stage on another agent, which `serveIntake` serves there. Values are copied.
 *
 * `send` is fulfilled when the value has been sent; the next one waits until there is room again. A failure of the stage there,
 * or of the agent, is thrown by the next `send`, and by `end`.
 *
 * @param line one end of a MessageChannel that has no other use, or of `lineOver`
 *
 * @example
 * const { port1, port2 } = new MessageChannel();
 * const seen: string[] = [];
 * const served = serveIntake([port2], new Stage({ name: 'print', process: String, next: (text) => void seen.push(text) }));
 * const print = remoteIntake<number>(port1);
 * await print.send(1);
 * await print.send(2);
 * await print.end();
 * await served;
 * assert.deepEqual(seen, ['1', '2']);
 */
export function remoteIntake<Value>(line: MessagePort | Line): Intake<Value> {
  const writer = new PortWriter<Freight>(line);
  let failure: unknown;
  const note = (error: unknown): void => {
    failure ??= asStageFailed(error);
  };
  const dispatch = async (freight: Freight, options?: WaitOptions): Promise<void> => {
    if (failure !== undefined) throw failure as Error;
    try {
      const { sent, answer } = writer.dispatch(freight, options, 'sent');
      // Only the caller needs to know that a value was not sent.
      sent.then(
        () => answer.catch(note),
        () => undefined,
      );
      await sent;
    } catch (error) {
      throw asStageFailed(error);
    }
  };
  return {
    send: (value, options) => dispatch({ value }, options),
    end: async (options) => {
      try {
        await writer.end(options);
      } catch (error) {
        throw (failure as Error | undefined) ?? asStageFailed(error);
      }
      if (failure !== undefined) throw failure as Error;
    },
    fail: (error) => {
      // If the other side has failed, it knows.
      const told = failure === undefined ? dispatch({ failed: encodeError(error) }) : Promise.resolve();
      const end = (): Promise<void> => writer.end();
      told.then(end, end).catch(note);
    },
  };
}

/**
 * Feeds an intake on this agent with values from lines, each with a `remoteIntake` at its other end. Values of one line keep
 * their order. When all lines have ended, the intake ends; the other ends learn of it when all values have come through. If an
 * agent died without ending its line, or its part of the pipeline failed, the intake fails when the others have ended.
 *
 * @param options `window`: how many values may be under way on each line, waiting for the intake. Default 16
 * @returns fulfilled when all values have come through; rejected if one has not. You need not await it
 * @throws RangeError if the window is out of range
 */
export function serveIntake<Value>(
  lines: readonly (MessagePort | Line)[],
  intake: Intake<Value>,
  { window }: { readonly window?: number } = {},
): Promise<void> {
  if (lines.length === 0) return intake.end();
  let open = lines.length;
  let failure: Error | undefined;
  let resolveServed!: (end: Promise<void>) => void;
  const served = new Promise<void>((resolve) => {
    resolveServed = resolve;
  });
  served.catch(() => undefined);
  const close = (): void => {
    if (--open > 0) return;
    if (failure === undefined) {
      resolveServed(intake.end());
    } else {
      intake.fail(failure);
      resolveServed(Promise.reject(failure));
    }
  };
  const take = async (freight: Freight, signal: AbortSignal): Promise<void> => {
    if ('value' in freight) await intake.send(freight.value as Value, { signal });
    else failure ??= asStageFailed(new RemoteError(freight.failed)) as Error;
  };
  for (const line of lines) {
    const onEnd = (): Promise<void> => {
      close();
      return served;
    };
    const reader = new PortReader<Freight>(line, (freight, { signal }) => take(freight, signal), { window, onEnd });
    void reader.finished.then((outcome) => {
      if (outcome === 'ended') return;
      failure ??= new PortClosed('An agent of the pipeline ended before its line did.');
      close();
    });
  }
  return served;
}
