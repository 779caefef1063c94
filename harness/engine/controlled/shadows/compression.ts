import { AsyncResource } from 'node:async_hooks';
import { operationCodes } from '../../../kernel/operations.js';
import type { AgentPoints } from '../agent-points.js';
import type { EventLoop } from '../event-loop.js';

type AnyFunction = (this: unknown, ...values: unknown[]) => unknown;

/** What does the work of a stream of `node:zlib`: on a thread of Node's pool, or at once. */
interface Handle {
  init: AnyFunction;
  /** Begins a piece of work. Its end is told to the function that `init` was given. */
  write: AnyFunction;
  /** Does a piece of work at once. What is wrong with the data is told to `onerror`. */
  writeSync: AnyFunction;
  close: AnyFunction;
  onerror: AnyFunction;
}

/**
 * Compressing and decompressing in the background. Node's threads would do the work outside the schedule. Here a piece of work is
 * a task of the agent's event loop, which does it at once when the schedule says that it is done. That holds for whatever uses
 * these streams: functions with a callback, and CompressionStream.
 */
export class ShadowCompression {
  readonly #points: AgentPoints;
  readonly #loop: EventLoop;
  readonly #restore: (() => void)[] = [];
  #isInstalled = false;

  constructor(points: AgentPoints, loop: EventLoop) {
    this.#points = points;
    this.#loop = loop;
  }

  /** Whether streams have the parts by which they are controlled. Controls those of the module that are made from now on. */
  install(zlib: object): boolean {
    if (this.#isInstalled) return true;
    const prototypes = new Set<Handle>();
    for (const Stream of Object.values(zlib) as unknown[]) {
      if (typeof Stream !== 'function' || typeof Reflect.get(Stream.prototype ?? {}, '_transform') !== 'function')
        continue;
      const stream = Reflect.construct(Stream, []) as { readonly _handle?: unknown; close(): void };
      const prototype: unknown = Object.getPrototypeOf(stream._handle ?? {});
      stream.close();
      if (!isPrototype(prototype)) return false;
      prototypes.add(prototype);
    }
    for (const prototype of prototypes) this.#control(prototype);
    this.#isInstalled = true;
    return true;
  }

  /** Leaves streams to Node again. */
  dispose(): void {
    for (const restore of this.#restore) restore();
    this.#restore.length = 0;
    this.#isInstalled = false;
  }

  #control(prototype: Handle): void {
    const { init } = prototype;
    const begin = (handle: Handle, done: AnyFunction): void => {
      if (this.#points.live) this.#controlHandle(handle, done);
    };
    prototype.init = function (this: unknown, ...values: unknown[]): unknown {
      const done = values.find((value) => typeof value === 'function') as AnyFunction | undefined;
      if (done !== undefined) begin(this as Handle, done);
      return Reflect.apply(init, this, values);
    };
    this.#restore.push(() => {
      prototype.init = init;
    });
  }

  #controlHandle(handle: Handle, done: AnyFunction): void {
    const points = this.#points;
    const loop = this.#loop;
    const { writeSync, close } = handle;
    const state = { isAtWork: false, closes: false };
    const closeIfIdle = (): void => {
      if (state.closes && !state.isAtWork) Reflect.apply(close, handle, []);
    };
    const finish = (values: readonly unknown[]): void => {
      const { onerror } = handle;
      const errors: unknown[] = [];
      handle.onerror = (...error) => {
        errors.push(...error);
        return Reflect.apply(onerror, handle, error);
      };
      Reflect.apply(writeSync, handle, values);
      handle.onerror = onerror;
      state.isAtWork = false;
      if (errors.length === 0) Reflect.apply(done, handle, []);
      // What it was told may have begun the next piece.
      closeIfIdle();
    };
    handle.write = function write(...values: unknown[]): void {
      const site = points.placeOf(undefined, 'write', write);
      state.isAtWork = true;
      loop.addCoroutine({
        operation: operationCodes['background work'],
        site,
        resource: 0,
        rounds: points.watch.current,
        run: AsyncResource.bind(() => {
          finish(values);
        }),
      });
    };
    // As in Node, a handle that is closed at work closes when that is done.
    handle.close = () => {
      state.closes = true;
      closeIfIdle();
    };
  }
}

function isPrototype(value: unknown): value is Handle {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'init')) return false;
  return ['init', 'write', 'writeSync', 'close'].every((name) => typeof Reflect.get(value, name) === 'function');
}
