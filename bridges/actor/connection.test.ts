import { describe, expect, it } from 'vitest';
import { WaitTimeout } from '../primitives/limit-errors.js';
import { Connection } from './connection.js';

/** A connection that counts how often it is established, at the same time and in total. */
function counted(): { readonly connection: Connection<number>; readonly log: string[]; fail: boolean } {
  const log: string[] = [];
  const made = {
    log,
    fail: false,
    connection: new Connection({
      establish: async () => {
        log.push('establish');
        await Promise.resolve();
        if (made.fail) throw new Error('no answer');
        log.push('established');
        return log.length;
      },
      release: async () => {
        log.push('release');
        await Promise.resolve();
        if (made.fail) throw new Error('no answer');
        log.push('released');
      },
    }),
  };
  return made;
}

describe('a connection', () => {
  it('is established once for all who ask at once, and released once', async () => {
    const { connection, log } = counted();
    const resources = await Promise.all([connection.connect(), connection.connect(), connection.connect()]);
    expect(resources).toEqual([2, 2, 2]);
    expect(connection.state).toBe('connected');
    await Promise.all([connection.disconnect(), connection.disconnect()]);
    expect(connection.state).toBe('disconnected');
    expect(log).toEqual(['establish', 'established', 'release', 'released']);
  });

  it('does what is asked in turn', async () => {
    const { connection, log } = counted();
    const first = connection.connect();
    const gone = connection.disconnect();
    const second = connection.connect();
    await Promise.all([first, gone, second]);
    expect(log).toEqual(['establish', 'established', 'release', 'released', 'establish', 'established']);
    expect(connection.state).toBe('connected');
  });

  it('is disconnected again if it could not be established, and can be tried anew', async () => {
    const made = counted();
    made.fail = true;
    await expect(made.connection.connect()).rejects.toThrow('no answer');
    expect(made.connection.state).toBe('disconnected');
    made.fail = false;
    await made.connection.connect();
    made.fail = true;
    await expect(made.connection.disconnect()).rejects.toThrow('no answer');
    expect(made.connection.state).toBe('disconnected');
  });

  it('can be waited for with a time-out', async () => {
    let establish = (): void => undefined;
    const connection = new Connection<undefined>({
      establish: () => new Promise((resolve) => (establish = () => resolve(undefined))),
      release: () => undefined,
    });
    await expect(connection.connect({ timeoutMs: 1 })).rejects.toThrow(WaitTimeout);
    expect(connection.state).toBe('connecting');
    establish();
    await connection.connect();
    await connection.disconnect();
    await expect(connection.connect({ timeoutMs: -1 })).rejects.toThrow(RangeError);
    await expect(connection.disconnect({ timeoutMs: -1 })).rejects.toThrow(RangeError);
    await expect(connection.connect({ signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
    expect(connection.state).toBe('disconnected');
  });
});
