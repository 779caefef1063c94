import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { Experiment, idleWriter, summary } from './experiment.js';

const experiment = new Experiment();
const wait = 'await new Promise((resolve) => setTimeout(resolve, 20));';
const listen = `process.on('uncaughtException', (error, origin) => { heard.push([error.message, origin]); });`;

/**
 * What programs do, in the body of a function. Each pushes to `heard` what it hears, and when. However late timers are, the order is the
 * same.
 */
const programs: readonly (readonly [what: string, body: string])[] = [
  ['a timer throws', `${listen} setTimeout(() => { throw new Error('thrown'); }, 1); ${wait} heard.push('after');`],
  [
    'an interval that throws goes on',
    `${listen}
      let rounds = 0;
      await new Promise((resolve) => {
        const interval = setInterval(() => {
          if (++rounds === 3) { clearInterval(interval); resolve(0); }
          throw new Error('round ' + rounds);
        }, 1);
      });`,
  ],
  [
    'an immediate throws',
    `${listen} setImmediate(() => { throw new Error('thrown'); }); await new Promise((resolve) => setImmediate(resolve));`,
  ],
  ['a tick throws', `${listen} process.nextTick(() => { throw new Error('thrown'); }); ${wait}`],
  ['a microtask throws', `${listen} queueMicrotask(() => { throw new Error('thrown'); }); ${wait}`],
  [
    'a listener of a port throws, and hears the next message',
    `${listen}
      const { port1, port2 } = new MessageChannel();
      port2.on('message', (value) => { if (value < 3) throw new Error('of ' + value); heard.push(value); port2.close(); });
      for (const value of [1, 2, 3]) port1.postMessage(value);
      await new Promise((resolve) => port2.on('close', resolve));`,
  ],
  [
    'a rejection is heard as one',
    `${listen} setTimeout(() => { void Promise.reject(new Error('rejected')); }, 1); ${wait}`,
  ],
  [
    'what follows at once is done after the listener',
    `${listen}
      setTimeout(() => {
        void Promise.resolve().then(() => heard.push('microtask'));
        process.nextTick(() => heard.push('tick'));
        throw new Error('thrown');
      }, 1);
      setTimeout(() => heard.push('next timer'), 5);
      ${wait}`,
  ],
  [
    'a monitor hears it too',
    `process.on('uncaughtExceptionMonitor', (error) => { heard.push('monitor ' + error.message); });
      ${listen} setTimeout(() => { throw new Error('thrown'); }, 1); ${wait}`,
  ],
  [
    'a listener that is removed is not called',
    `const first = () => heard.push('first');
      process.on('uncaughtException', first); ${listen} process.off('uncaughtException', first);
      setTimeout(() => { throw new Error('thrown'); }, 1); ${wait}`,
  ],
  [
    'a capturing callback comes in place of the listeners',
    `${listen}
      process.setUncaughtExceptionCaptureCallback((error) => { heard.push('captured ' + error.message); });
      heard.push(process.hasUncaughtExceptionCaptureCallback());
      try { process.setUncaughtExceptionCaptureCallback(() => {}); } catch (error) { heard.push(error.code); }
      try { process.setUncaughtExceptionCaptureCallback(1); } catch (error) { heard.push(error.code); }
      setTimeout(() => { throw new Error('thrown'); }, 1);
      queueMicrotask(() => { throw new Error('in a microtask'); });
      ${wait}
      process.setUncaughtExceptionCaptureCallback(null);
      setTimeout(() => { throw new Error('not captured'); }, 1);
      ${wait}`,
  ],
];

/** All of them, one after the other, in plain JavaScript. */
const text = `const heard = [];
  ${programs.map(([what, body]) => `heard.push(${JSON.stringify(what)}); { ${body} process.removeAllListeners(); }`).join('\n')}`;

/** What plain Node does with the same text. */
function inNode(): string {
  const program = `
    const { MessageChannel } = require('node:worker_threads');
    (async () => { ${text} console.log(JSON.stringify(heard)); })();`;
  return execFileSync(process.execPath, ['-e', program], { encoding: 'utf8' }).trim();
}

describe('what is thrown and not caught is heard as in Node', () => {
  const expected = inNode();
  const body = `${text} check(JSON.stringify(heard) === ${JSON.stringify(expected)}, JSON.stringify(heard));`;
  const inReader = `${idleWriter} readers: { count: 1, async run() { ${body} } },`;
  const inWriter = `writers: { count: 1, async run() { ${body} } },`;
  const controlled = { runs: 20 };
  const stress = { engine: 'stress', stress: { profile: 'quick' }, runs: undefined } as const;
  it.each([
    ['a reader', inReader, controlled],
    ['a writer', inWriter, controlled],
    ['a reader under stress', inReader, stress],
    ['a writer under stress', inWriter, stress],
  ] as const)('by %s', async (_, fields, options) => {
    expect((JSON.parse(expected) as unknown[]).length).toBeGreaterThan(2 * programs.length);
    expect(summary(await experiment.run({ fields }, options))).toEqual({ verdict: 'held', message: '' });
  });
});

describe('what no listener may take', () => {
  const reader = (body: string): string => `${idleWriter} readers: { count: 1, async run() { ${body} } },`;
  it.each([
    ['without a listener', `setTimeout(() => { throw new Error('thrown'); }, 1); ${wait}`, 'crash', /thrown/],
    [
      'a listener that throws',
      `process.on('uncaughtException', () => { throw new Error('second'); });
        setTimeout(() => { throw new Error('first'); }, 1); ${wait}`,
      'crash',
      /second/,
    ],
    [
      'process.exit',
      `process.on("uncaughtException", () => {}); setTimeout(() => process.exit(1), 1); ${wait}`,
      'crash',
      /exit/,
    ],
    [
      'an operation that the engine cannot control',
      `const { Worker } = await import('node:worker_threads');
        const worker = new Worker('', { eval: true });
        process.on('uncaughtException', () => {}); setTimeout(() => { void worker.getHeapSnapshot(); }, 1); ${wait}`,
      'uncontrolled',
      /getHeapSnapshot/,
    ],
  ])('%s', async (_, body, verdict, message) => {
    const found = summary(await experiment.run({ fields: reader(body) }, { runs: 5 }));
    expect(found).toEqual({ verdict, message: expect.stringMatching(message) as string });
  });

  it.each([
    [
      'a writer',
      `writers: { count: 1, run() { process.on('uncaughtException', () => {}); throw new Error('at once'); } },`,
    ],
    [
      'a reader',
      `${idleWriter} readers: { count: 1, run() { process.on('uncaughtException', () => {}); throw new Error('at once'); } },`,
    ],
  ])('%s whose run throws at once', async (_, fields) => {
    const found = summary(await experiment.run({ fields }, { runs: 5 }));
    expect(found).toEqual({ verdict: 'crash', message: expect.stringMatching(/at once/) as string });
  });
});
