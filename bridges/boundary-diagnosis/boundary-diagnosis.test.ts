import { setImmediate } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { mutex } from '../mutex.js';
import { AsyncLock } from '../primitives/async-lock.js';
import { ownedLock, ownedLockWords } from '../primitives/owned-lock.js';
import { ended, startWorker } from '../testing/start-worker.js';
import { BoundaryDiagnosis } from './boundary-diagnosis.js';
import { createBoundaryDiagnosis } from './state.js';
import type { BoundaryRow } from './table.js';

const workers: Worker[] = [];

function start(code: string, workerData: unknown): Worker {
  const worker = startWorker(
    `
      import { workerData } from 'node:worker_threads';
      import { BoundaryDiagnosis } from './boundary-diagnosis/boundary-diagnosis.js';
      import { mutex } from './mutex.js';
      const diagnosis = new BoundaryDiagnosis(workerData.state, { agent: workerData.agent });
      ${code}
    `,
    workerData,
  );
  workers.push(worker);
  return worker;
}

afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.terminate();
});

const shared = (length: number): Int32Array<SharedArrayBuffer> => new Int32Array(new SharedArrayBuffer(4 * length));

/** The verdict on two handles that each did something, as two agents. */
function verdictOn(...deeds: ((diagnosis: BoundaryDiagnosis) => void)[]): BoundaryRow['verdict'] | undefined {
  const state = createBoundaryDiagnosis();
  for (const [index, deed] of deeds.entries()) deed(new BoundaryDiagnosis(state, { agent: `agent ${index}` }));
  return new BoundaryDiagnosis(state).table()[0]?.verdict;
}

describe('BoundaryDiagnosis in a plain program', () => {
  it('tells which agents reached each site, on the loop and off it, how often, under which locks, and what to think of it', async () => {
    const state = createBoundaryDiagnosis();
    const cache = shared(2);
    const lock = shared(1);
    const diagnosis = new BoundaryDiagnosis(state);
    const threads = ['worker a', 'worker b'].map((agent) =>
      start(
        `
          const lock = diagnosis.watchLock('cache lock', mutex(workerData.lock));
          const bump = diagnosis.watch('cache', () => (workerData.cache[0] += 1), { site: 'bump' });
          const count = diagnosis.watch('statistics', () => Atomics.add(workerData.cache, 1, 1), { site: 'count' });
          for (let time = 0; time < 3; time++) lock.withLock(bump);
          count();
        `,
        { state, agent, cache, lock },
      ),
    );
    await Promise.all(threads.map(ended));
    const guard = diagnosis.watchLock('cache lock', mutex(lock));
    const watched = diagnosis.watchStore('cache', cache);
    guard.withLock(() => (watched[0]! += 10));
    diagnosis.watch('mine', () => undefined, { site: 'keepForMyself' })();

    expect(cache[0]).toBe(16);
    const rows = diagnosis.table().map(({ place: _, ...row }) => row);
    const always = { access: 'write', locks: [], sometimes: [] };
    const byWorkers = { ...always, agents: ['worker a', 'worker b'], onLoop: 0 };
    const byMain = { ...always, agents: ['main'], onLoop: 1, offLoop: 0, count: 1 };
    const guarded = { subject: 'cache', locks: ['cache lock'], verdict: 'guarded' };
    const crossing = { subject: 'statistics', verdict: 'crosses the boundary unguarded' };
    expect(rows).toHaveLength(4);
    expect(rows).toContainEqual({ ...byWorkers, ...guarded, site: 'bump', offLoop: 6, count: 6 });
    expect(rows).toContainEqual({ ...byMain, ...guarded, site: 'assignment' });
    expect(rows).toContainEqual({ ...byWorkers, ...crossing, site: 'count', offLoop: 2, count: 2 });
    expect(rows).toContainEqual({ ...byMain, subject: 'mine', site: 'keepForMyself', verdict: 'one agent only' });
    // Sites of one subject are next to each other.
    expect(rows.findIndex(({ subject }) => subject === 'cache')).toBe(
      rows.findLastIndex(({ subject }) => subject === 'cache') - 1,
    );
  });

  it('sees what a worker did before it was terminated', async () => {
    const state = createBoundaryDiagnosis();
    const gate = shared(1);
    const worker = start(
      `
        diagnosis.watch('cache', () => undefined, { site: 'update' })();
        Atomics.store(workerData.gate, 0, 1);
        Atomics.notify(workerData.gate, 0);
        Atomics.wait(workerData.gate, 0, 1);
      `,
      { state, agent: 'worker', gate },
    );
    await Atomics.waitAsync(gate, 0, 0).value;
    await worker.terminate();
    expect(new BoundaryDiagnosis(state).table()).toMatchObject([{ subject: 'cache', agents: ['worker'], offLoop: 1 }]);
  });

  it('prints the table in columns', () => {
    const state = createBoundaryDiagnosis();
    const main = new BoundaryDiagnosis(state);
    const set = main.watch('cache', () => undefined, { site: 'set' });
    main.holding('the lock', set);
    set();
    new BoundaryDiagnosis(state, { agent: 'worker 1' }).watch('cache', () => undefined, {
      access: 'read',
      site: 'look',
    })();
    const lines = main
      .format()
      .replace(/ \S*boundary-diagnosis\.test\.ts:\d+/g, '')
      .split('\n');
    expect(lines.map((line) => line.replace(/ {2,}/g, ' | '))).toEqual([
      'subject | site | access | agents | on loop | off loop | locks | verdict',
      'cache | set | write | main | 2 | 0 | the lock (sometimes) | crosses the boundary unguarded',
      'cache | look | read | worker 1 | 1 | 0 | none | crosses the boundary unguarded',
    ]);
    const columns = main
      .format()
      .split('\n')
      .map((line) => line.indexOf(line.includes('verdict') ? 'verdict' : 'crosses'));
    expect(new Set(columns).size).toBe(1);
  });

  it('calls agents by their names, and by itself names main and workers', async () => {
    const state = createBoundaryDiagnosis();
    const worker = start(`diagnosis.watch('cache', () => undefined)();`, { state });
    const id = worker.threadId;
    await ended(worker);
    new BoundaryDiagnosis(state).watch('cache', () => undefined)();
    const rows = new BoundaryDiagnosis(state).table();
    expect(rows.map((row) => row.agents)).toEqual([['main'], [`worker ${id}`]]);
  });
});

describe('the verdict', () => {
  const write = (diagnosis: BoundaryDiagnosis): void => diagnosis.watch('it', () => undefined)();
  const read = (diagnosis: BoundaryDiagnosis): void => diagnosis.watch('it', () => undefined, { access: 'read' })();
  const under =
    (...locks: string[]) =>
    (diagnosis: BoundaryDiagnosis): void =>
      locks.reduceRight<() => void>(
        (section, lock) => () => diagnosis.holding(lock, section),
        () => write(diagnosis),
      )();

  it.each([
    ['one agent only', [write]],
    ['one agent only', [(diagnosis: BoundaryDiagnosis) => [write, write, read].forEach((deed) => deed(diagnosis))]],
    ['crosses the boundary unguarded', [write, write]],
    ['crosses the boundary unguarded', [write, read]],
    ['only read', [read, read]],
    ['guarded', [under('a'), under('a')]],
    ['guarded', [under('a', 'b'), under('b', 'c'), under('c', 'b')]],
    ['crosses the boundary unguarded', [under('a'), under('b')]],
    ['crosses the boundary unguarded', [under('a'), under('a'), write]],
    ['crosses the boundary unguarded', [under('a', 'b'), under('b', 'c'), under('c', 'a')]],
    ['crosses the boundary unguarded', [under('a'), under('a'), read]],
  ])('is %s', (verdict, deeds) => {
    expect(verdictOn(...deeds)).toBe(verdict);
  });

  it('comes out alike, whoever was first', () => {
    const tables = [
      ['worker 2', 'worker 10', 'main'],
      ['main', 'worker 10', 'worker 2'],
    ].map((agents) => {
      const state = createBoundaryDiagnosis();
      for (const agent of agents) {
        const diagnosis = new BoundaryDiagnosis(state, { agent });
        diagnosis.watch('it', () => undefined, { site: `of ${agent}` })();
        diagnosis.watch('it', () => undefined, { site: 'shared' })();
      }
      return new BoundaryDiagnosis(state).table();
    });
    expect(tables[0]).toEqual(tables[1]);
    expect(tables[0]!.map((row) => row.site)).toEqual(['of main', 'shared', 'of worker 2', 'of worker 10']);
    expect(tables[0]![1]!.agents).toEqual(['main', 'worker 2', 'worker 10']);
  });

  it('is on all sites of a subject together', () => {
    const state = createBoundaryDiagnosis();
    new BoundaryDiagnosis(state, { agent: 'one' }).watch('it', () => undefined, { site: 'here' })();
    new BoundaryDiagnosis(state, { agent: 'other' }).watch('it', () => undefined, { site: 'there' })();
    const verdicts = new BoundaryDiagnosis(state).table().map((row) => [row.site, row.agents, row.verdict]);
    expect(verdicts).toEqual([
      ['here', ['one'], 'crosses the boundary unguarded'],
      ['there', ['other'], 'crosses the boundary unguarded'],
    ]);
  });
});

describe('locks', () => {
  const locksAt = (deed: (diagnosis: BoundaryDiagnosis, access: () => void) => void): readonly string[] => {
    const diagnosis = new BoundaryDiagnosis(createBoundaryDiagnosis());
    deed(
      diagnosis,
      diagnosis.watch('it', () => undefined),
    );
    return diagnosis.table()[0]!.locks;
  };

  it('count while they are held, and not before or after', () => {
    const order: (readonly string[])[] = [];
    const deed = (when: 'before' | 'during' | 'after') => (diagnosis: BoundaryDiagnosis, access: () => void) => {
      const lock = diagnosis.watchLock('lock', mutex(shared(1)));
      if (when === 'before') access();
      lock.lock();
      if (when === 'during') access();
      lock.unlock();
      if (when === 'after') access();
    };
    for (const when of ['before', 'during', 'after'] as const) order.push(locksAt(deed(when)));
    expect(order).toEqual([[], ['lock'], []]);
  });

  it('may throw in a section, and are held no more', () => {
    const fail = (): never => {
      throw new Error('no good');
    };
    const locks = locksAt((diagnosis, access) => {
      expect(() => diagnosis.watchLock('lock', mutex(shared(1))).withLock(fail)).toThrow('no good');
      expect(() => diagnosis.holding('other', fail)).toThrow('no good');
      access();
    });
    expect(locks).toEqual([]);
  });

  it('that were not to be had are not held', () => {
    const words = shared(ownedLockWords);
    ownedLock(words).lock();
    const locks = locksAt((diagnosis, access) => {
      expect(diagnosis.watchLock('lock', ownedLock(words)).tryLock()).toBe(false);
      access();
    });
    expect(locks).toEqual([]);
  });

  it('that are waited for are held afterwards, and pass on everything else', async () => {
    const diagnosis = new BoundaryDiagnosis(createBoundaryDiagnosis());
    const access = diagnosis.watch('it', () => undefined);
    const lock = diagnosis.watchLock('lock', ownedLock(shared(ownedLockWords)));
    await lock.lockAsync({ timeoutMs: 100 });
    expect(lock.holder()).toBe(lock.owner);
    access();
    lock.unlock();
    expect(lock.holder()).toBe(0);
    expect(diagnosis.table()[0]!.locks).toEqual(['lock']);
  });

  it("of coroutines are each agent's own", async () => {
    const state = createBoundaryDiagnosis();
    const lock = new AsyncLock();
    for (const agent of ['main', 'worker']) {
      const diagnosis = new BoundaryDiagnosis(state, { agent });
      const watched = diagnosis.watchLock('lock', lock);
      await watched.acquire();
      expect(watched.locked).toBe(true);
      diagnosis.watch('it', () => undefined)();
      watched.release();
    }
    const [row] = new BoundaryDiagnosis(state).table();
    expect(row).toMatchObject({
      locks: [],
      sometimes: ['lock (of main)', 'lock (of worker)'],
      verdict: 'crosses the boundary unguarded',
    });
  });

  it('of one coroutine are not taken for those of another that runs meanwhile', async () => {
    const diagnosis = new BoundaryDiagnosis(createBoundaryDiagnosis());
    const inside = diagnosis.watch('inside', () => undefined);
    const outside = diagnosis.watch('outside', () => undefined);
    const section = diagnosis.holding('lock', async () => {
      await setImmediate();
      inside();
      await setImmediate();
      inside();
    });
    for (let turn = 0; turn < 3; turn++) {
      outside();
      await setImmediate();
    }
    await section;
    outside();
    const locks = diagnosis.table().map((row) => [row.subject, row.locks, row.sometimes]);
    expect(locks).toEqual([
      ['outside', [], []],
      ['inside', ['lock'], []],
    ]);
  });
});

describe('watchStore', () => {
  const accesses = (deed: (diagnosis: BoundaryDiagnosis) => void): string[] => {
    const diagnosis = new BoundaryDiagnosis(createBoundaryDiagnosis());
    deed(diagnosis);
    return diagnosis.table().map((row) => `${row.access} ${row.site} ${row.count}`);
  };

  it('sees assignments, deletions and definitions, and passes them on', () => {
    const store: Record<string, number> = { a: 1 };
    const seen = accesses((diagnosis) => {
      const watched = diagnosis.watchStore('store', store);
      watched['b'] = 2;
      delete watched['a'];
      Object.defineProperty(watched, 'c', { value: 3 });
      expect(watched['b']).toBe(2);
    });
    expect(seen).toEqual(['write assignment 1', 'write deletion 1', 'write definition 1']);
    expect(store).toEqual({ b: 2 });
    expect(store['c']).toBe(3);
  });

  it('sees what looks at it if asked to', () => {
    const seen = accesses((diagnosis) => {
      const watched = diagnosis.watchStore('store', { a: 1 }, { reads: true });
      for (let time = 0; time < 3; time++) expect(watched.a).toBe(1);
    });
    expect(seen).toEqual(['read property 3']);
  });

  it.each([
    [
      'a Map',
      new Map([['a', 1]]),
      (map: Map<string, number>) => map.set('b', 2).set('c', 3).get('a'),
      ['write set() 2', 'read get() 1'],
    ],
    [
      'a Set',
      new Set([1]),
      (set: Set<number>) => [set.add(2).has(1), set.delete(1), set.size, [...set]],
      ['write add() 1', 'read has() 1', 'write delete() 1', 'read property 1', 'read iteration 1'],
    ],
    [
      'an array',
      [1],
      (array: number[]) => [array.push(2), array.sort(), (array[0] = 5), array.map(String)],
      ['write push() 1', 'write sort() 1', 'write assignment 1', 'read map() 1'],
    ],
    [
      'a typed array',
      shared(2),
      (words: Int32Array) => [words.fill(1), (words[0]! += 1), words.at(0)],
      ['write fill() 1', 'read element 1', 'write assignment 1', 'read at() 1'],
    ],
    [
      'a DataView',
      new DataView(new ArrayBuffer(8)),
      (view: DataView) => {
        view.setInt8(0, 1);
        return [view.getInt8(0), view.byteLength];
      },
      ['write setInt8() 1', 'read getInt8() 1', 'read property 1'],
    ],
  ] as [string, object, (store: never) => unknown, string[]][])('works on %s', (_, store, use, expected) => {
    const copy = structuredClone(store);
    let result: unknown;
    const seen = accesses(
      (diagnosis) => (result = use(diagnosis.watchStore('store', store, { reads: true }) as never)),
    );
    expect(seen).toEqual(expected);
    expect(result).toEqual(use(copy as never));
    expect(store).toEqual(copy);
  });

  it('says where it was used', () => {
    const diagnosis = new BoundaryDiagnosis(createBoundaryDiagnosis());
    const watched = diagnosis.watchStore('store', { a: 1 });
    watched.a = 2;
    const [, line] = /:(\d+):\d+/.exec(new Error().stack!.split('\n')[1]!)!;
    expect(diagnosis.table()[0]!.place).toMatch(new RegExp(`boundary-diagnosis\\.test\\.ts:${Number(line) - 1}$`));
  });
});

describe('watch', () => {
  it('passes on what a function is given, and what it returns or throws', () => {
    const diagnosis = new BoundaryDiagnosis(createBoundaryDiagnosis());
    const store = {
      total: 1,
      add: diagnosis.watch('store', function (this: { total: number }, ...numbers: number[]) {
        if (numbers.length === 0) throw new RangeError('nothing to add');
        return (this.total += Math.max(...numbers));
      }),
    };
    expect(store.add(1, 5, 2)).toBe(6);
    expect(store.total).toBe(6);
    expect(() => store.add()).toThrow('nothing to add');
    expect(diagnosis.table()[0]).toMatchObject({ site: 'an unnamed function', count: 2 });
  });
});

describe('the room of a diagnosis', () => {
  it('is not exceeded, and what found no room is counted', () => {
    const diagnosis = new BoundaryDiagnosis(createBoundaryDiagnosis({ kinds: 2 }));
    const [a, b, c] = ['a', 'b', 'c'].map((site) => diagnosis.watch('it', () => undefined, { site }));
    for (const call of [a!, b!, c!, c!, a!]) call();
    expect(diagnosis.table().map((row) => [row.site, row.count])).toEqual([
      ['a', 2],
      ['b', 1],
    ]);
    expect(diagnosis.unrecorded).toBe(2);
    expect(diagnosis.format()).toContain('2 accesses are missing: an agent has more than 2 kinds, or');
  });

  it('has none for names that are too long', () => {
    const diagnosis = new BoundaryDiagnosis(createBoundaryDiagnosis());
    diagnosis.watch('x'.repeat(2_000), () => undefined)();
    expect(diagnosis.table()).toEqual([]);
    expect(diagnosis.unrecorded).toBe(1);
  });

  it('has none for more handles than it was made for', () => {
    const state = createBoundaryDiagnosis({ agents: 1 });
    const diagnosis = new BoundaryDiagnosis(state);
    expect(() => new BoundaryDiagnosis(state)).toThrow(
      'The diagnosis has room for 1 handles, and all are taken: raise agents.',
    );
    expect(diagnosis.table()).toEqual([]);
  });

  it.each([{ agents: 0 }, { agents: 1_025 }, { kinds: 0 }, { kinds: 4_097 }])('cannot be %o', (options) => {
    expect(() => createBoundaryDiagnosis(options)).toThrow(RangeError);
  });
});
