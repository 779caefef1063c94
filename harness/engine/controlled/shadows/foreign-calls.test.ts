import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ForeignCalls } from './foreign-calls.js';

describe('ForeignCalls', () => {
  it('notes the first call until it is reset, and changes nothing about it', async () => {
    const calls = new ForeignCalls();
    const { gzip, gunzipSync, constants } = calls.notingModule(zlib, 'zlib') as unknown as typeof zlib;
    expect(calls.first).toBeUndefined();
    expect(gzip.length).toBe(zlib.gzip.length);
    const zipped = await promisify<string, Buffer>(gzip)('text');
    expect(calls.first).toBe('zlib.gzip');
    calls.reset();
    expect(calls.first).toBeUndefined();
    expect(gunzipSync(zipped).toString()).toBe('text');
    expect(constants).toBe(zlib.constants);
    expect(calls.first).toBeUndefined();
  });

  it.each(['createGzip', 'createGunzip', 'createDeflateRaw', 'createUnzip', 'createBrotliCompress'] as const)(
    'notes streams made by %s',
    (name) => {
      const calls = new ForeignCalls();
      (calls.notingModule(zlib, 'zlib')[name] as () => void)();
      expect(calls.first).toBe(`zlib.${name}`);
    },
  );

  it('tells a call with a callback from one without', () => {
    const calls = new ForeignCalls();
    const call = calls.noting((first: unknown) => first, 'call with a callback', true) as (first: unknown) => unknown;
    expect(call(5)).toBe(5);
    expect(calls.first).toBeUndefined();
    call(() => undefined);
    expect(calls.first).toBe('call with a callback');
  });

  it('calls methods on the real object', () => {
    const calls = new ForeignCalls();
    const map = calls.notingObject(new Map([[1, 'one']]), 'map', ['get']);
    expect(map.get(1)).toBe('one');
    expect(calls.first).toBe('map.get');
  });
});
