import type { EventEmitter } from 'node:events';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import { RealmGuard } from './realm-guard.js';

const loose = globalThis as unknown as Record<string, unknown>;

/** What a test does to the realm is undone by the guard under test, or otherwise by this one. */
const safetyNet = new RealmGuard();
function guarded(edit: () => void, shadows: readonly unknown[] = []): void {
  const guard = new RealmGuard(shadows);
  try {
    edit();
    guard.restore();
  } catch (error) {
    safetyNet.restore();
    throw error;
  }
}

describe('RealmGuard', () => {
  it.each<[string, object]>([
    ['globalThis', globalThis],
    ['Array.prototype', Array.prototype],
    ['Object', Object],
    ['JSON', JSON],
    ['Math', Math],
    ['Reflect', Reflect],
    ['Atomics', Atomics],
    ['console', console],
    ['performance', performance],
    ['process', process],
    ['process.env', process.env],
    ['%TypedArray%', Object.getPrototypeOf(Int8Array) as object],
    ['%TypedArray%.prototype', Object.getPrototypeOf(Int8Array.prototype) as object],
    ['the iterators of arrays', Object.getPrototypeOf([][Symbol.iterator]()) as object],
    ['MessagePort.prototype', MessagePort.prototype],
  ])('takes away what was added to %s', (_, target) => {
    guarded(() => {
      Reflect.set(target, 'leaked', 'yes');
      expect(Reflect.get(target, 'leaked')).toBe('yes');
    });
    expect('leaked' in target).toBe(false);
  });

  it('puts back what was replaced, redefined or deleted', () => {
    const map: unknown = Reflect.get(Array.prototype, 'map');
    const stringify: unknown = Reflect.get(JSON, 'stringify');
    const clone: unknown = Reflect.get(globalThis, 'structuredClone');
    const cwd: unknown = Reflect.get(process, 'cwd');
    const path = process.env['PATH'];
    guarded(() => {
      Array.prototype.map = () => [];
      JSON.stringify = () => 'broken';
      Reflect.deleteProperty(globalThis, 'structuredClone');
      Object.defineProperty(Number.prototype, 'toFixed', { get: () => undefined, configurable: true });
      process.cwd = () => '/nowhere';
      process.env['PATH'] = '/nowhere';
    });
    expect(Array.prototype.map).toBe(map);
    expect(JSON.stringify).toBe(stringify);
    expect(globalThis.structuredClone).toBe(clone);
    expect(Reflect.get(process, 'cwd')).toBe(cwd);
    expect(process.env['PATH']).toBe(path);
    expect((1.25).toFixed(1)).toMatch(/^1\.[23]$/);
  });

  it('keeps the attributes of properties', () => {
    const before = Object.getOwnPropertyDescriptor(Array.prototype, 'map');
    guarded(() => {
      Object.defineProperty(Array.prototype, 'map', { value: Array.prototype.map, enumerable: true });
      expect(Object.keys(Array.prototype)).toEqual(['map']);
    });
    expect(Object.keys(Array.prototype)).toEqual([]);
    expect(before?.configurable).toBe(true);
  });

  it('puts back what stands for globals', () => {
    const shadow = { random: () => 0.5 };
    const { random } = shadow;
    guarded(() => {
      shadow.random = () => 1;
      Reflect.set(shadow, 'leaked', true);
    }, [shadow, 5, null, undefined]);
    expect(shadow).toEqual({ random });
  });

  it('leaves the bookkeeping of the process to Node', () => {
    const emitter = process as Pick<EventEmitter, 'on' | 'off' | 'listeners' | 'listenerCount'>;
    const listener = (): void => undefined;
    guarded(() => {
      emitter.on('threadmill-test', listener);
    });
    expect(emitter.listeners('threadmill-test')).toEqual([listener]);
    emitter.off('threadmill-test', listener);
    expect(emitter.listenerCount('threadmill-test')).toBe(0);
  });

  it('restores as often as asked', () => {
    const guard = new RealmGuard();
    for (let round = 0; round < 3; round++) {
      loose['leaked'] = round;
      guard.restore();
      guard.restore();
      expect('leaked' in loose).toBe(false);
    }
  });
});
