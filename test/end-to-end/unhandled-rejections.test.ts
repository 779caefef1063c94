import { describe, expect, it } from 'vitest';
import { Experiment, idleWriter, summary } from './experiment.js';

const experiment = new Experiment();
const tooLate = 'it was still unhandled after all microtasks had run: an await or a catch that comes later is too late';
const readerThat = (body: string): string => `${idleWriter} readers: { count: 1, async run({ pause }) { ${body} } },`;
const writerThat = (body: string): string => `writers: { count: 1, async run({ pause }) { ${body} } },`;
const broken = `const failing = async (): Promise<void> => { throw new TypeError('broken'); };`;

describe('a rejection that nobody handles', () => {
  it.each([
    ['in a writer', writerThat(`${broken} void failing();`), 'TypeError: broken', /^writer 0, as its run started$/],
    ['in a reader', readerThat(`${broken} void failing();`), 'TypeError: broken', /^reader 0, as its run started$/],
    [
      'that is awaited later',
      readerThat(`${broken} const failed = failing(); await pause(); await failed.catch(() => undefined);`),
      'TypeError: broken',
      /^reader 0, as its run started$/,
    ],
    [
      'after a pause',
      writerThat(`${broken} await pause(); void failing(); await pause();`),
      'TypeError: broken',
      /^writer 0, as it resumed after its pause at scenarios\/experiment-\d+\.scenario\.ts:\d+:\d+$/,
    ],
    [
      'in the callback of a timer',
      readerThat(`${broken} await new Promise((resolve) => setTimeout(() => { void failing(); resolve(0); }, 5));`),
      'TypeError: broken',
      /^the main agent, while timer 1 fired, which was set at scenarios\/experiment-\d+\.scenario\.ts:\d+:\d+$/,
    ],
    [
      'in the callback of a message',
      readerThat(`${broken}
        const { port1, port2 } = new MessageChannel();
        port2.on('message', () => { void failing(); });
        port1.postMessage(1);`),
      'TypeError: broken',
      /^the main agent, while port \d+ delivered to the listener added at scenarios\/experiment-\d+\.scenario\.ts:\d+:\d+$/,
    ],
    ['with null', writerThat('void Promise.reject(null);'), 'null', /^writer 0, as its run started$/],
    ['with nothing', writerThat('void Promise.reject();'), 'undefined', /^writer 0, as its run started$/],
    ['with text', writerThat(`void Promise.reject('words');`), 'string: words', /^writer 0, as its run started$/],
    [
      'with what cannot be converted',
      readerThat('void Promise.reject({ get message() { throw 1; }, toString() { throw 2; } });'),
      'object: { message: [Getter], toString: [Function: toString] }',
      /^reader 0, as its run started$/,
    ],
  ])('%s says so, and when', async (_, fields, rejected, occasion) => {
    const { verdict, message } = summary(await experiment.run({ fields }, { runs: 5 }));
    const [head, where, ...more] = message.split('\n');
    expect({ verdict, head, more }).toEqual({
      verdict: 'crash',
      head: `unhandled rejection of ${rejected}`,
      more: [tooLate],
    });
    expect(where?.replace(/^rejected in /, '')).toMatch(occasion);
  });

  it('is another failure than an error that is thrown, to shrinking too', async () => {
    const result = await experiment.run(
      {
        before: `import fc from 'fast-check';`,
        fields: `
          params: { size: fc.integer({ min: 0, max: 1_000 }) },
          writers: { count: 1, async run({ params }) {
            if (params.size > 200) void Promise.reject(new TypeError('large: too large'));
            else if (params.size > 10) throw new TypeError('middling');
          } },`,
      },
      { save: true },
    );
    const { failure, params } = experiment.saved(result);
    expect(failure.message).toMatch(/^unhandled rejection of TypeError: large: too large\n/);
    expect(params).toEqual({ size: 201 });
  });

  it('under stress says so too', async () => {
    const options = { engine: 'stress', stress: { profile: 'quick' }, runs: undefined } as const;
    const failure = async (fields: string): Promise<string | undefined> =>
      (await experiment.run({ fields }, options)).stress?.failure?.message;
    expect(await failure(writerThat(`${broken} void failing(); await pause(); await pause();`))).toBe(
      `unhandled rejection of TypeError: broken\nrejected in writer 0\n${tooLate}`,
    );
    expect(await failure(readerThat('void Promise.reject(Object.create(null)); await pause(); await pause();'))).toBe(
      `unhandled rejection of object: [Object: null prototype] {}\nrejected in the main agent\n${tooLate}`,
    );
  });

  it.each(['controlled', 'stress'] as const)('is heard by the listeners that Node would tell, %s', async (engine) => {
    const fields = writerThat(`
      const heard: unknown[] = [];
      process.on('uncaughtException', (error, origin) => { heard.push(error.message, origin); });
      void Promise.reject(new Error('on purpose'));
      await new Promise((resolve) => setTimeout(resolve, 1));
      check(heard.join() === 'on purpose,unhandledRejection', String(heard));
      process.on('unhandledRejection', (reason, promise) => { heard.push(reason, promise); });
      const rejected = Promise.reject(null);
      await new Promise((resolve) => setTimeout(resolve, 1));
      check(heard.length === 4 && heard[2] === null && heard[3] === rejected, String(heard));`);
    const result = await experiment.run(
      { fields },
      engine === 'stress' ? { engine, stress: { profile: 'quick' }, runs: undefined } : { runs: 5 },
    );
    expect(summary(result)).toEqual({ verdict: 'held', message: '' });
  });
});
