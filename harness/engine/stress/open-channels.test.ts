import workerThreads, { type MessagePort } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { keptForPackages } from './made-by-packages.js';
import { OpenChannels } from './open-channels.js';

const channels = new OpenChannels();
const { MessageChannel, BroadcastChannel } = channels.globals as unknown as Pick<
  typeof workerThreads,
  'MessageChannel' | 'BroadcastChannel'
>;

afterEach(() => channels.reset());

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
};

/** What happens at a port from now on. */
function listenTo(port: MessagePort): string[] {
  const heard: string[] = [];
  port.on('message', (value) => heard.push(`message ${value}`));
  port.on('close', () => heard.push('close'));
  return heard;
}

describe('OpenChannels', () => {
  it('makes channels that programs cannot tell from those of Node', async () => {
    const channel = new MessageChannel();
    expect(channel).toBeInstanceOf(workerThreads.MessageChannel);
    expect([MessageChannel.name, BroadcastChannel.name]).toEqual(['MessageChannel', 'BroadcastChannel']);
    const heard = listenTo(channel.port2);
    channel.port1.postMessage(1);
    await turns();
    channel.port1.close();
    await turns();
    expect(heard).toEqual(['message 1', 'close']);
  });

  it('closes what was left open, and nothing is heard of it', async () => {
    const { port1, port2 } = new MessageChannel();
    const heard = [listenTo(port1), listenTo(port2)];
    port1.postMessage('late');
    channels.reset();
    port2.postMessage('later');
    await turns();
    expect(heard).toEqual([[], []]);
    expect(() => structuredClone(port1, { transfer: [port1] })).toThrow(/detached/);
  });

  it('lets go of the memory of channels that nobody closed', async () => {
    const collect = globalThis.gc ?? (await exposeCollector());
    const left = Array.from({ length: 20 }, () => new WeakRef(new MessageChannel().port1));
    channels.reset();
    await turns();
    await turns();
    collect();
    await turns();
    collect();
    expect(left.filter((port) => port.deref() !== undefined)).toEqual([]);
  });

  it('can be asked for messages when it is closed', async () => {
    const { port1, port2 } = new MessageChannel();
    channels.reset();
    // With a port that was transferred, this would end the process with SIGSEGV.
    expect(workerThreads.receiveMessageOnPort(port1)).toBeUndefined();
    await turns();
    expect(workerThreads.receiveMessageOnPort(port2)).toBeUndefined();
  });

  it('keeps the channels of packages, up to a bound', async () => {
    const made = channels.packageGlobals as unknown as typeof channels.globals &
      Pick<typeof workerThreads, 'MessageChannel'>;
    const first = new made.MessageChannel();
    expect(first).toBeInstanceOf(MessageChannel);
    const heard = listenTo(first.port2);
    const many = Array.from({ length: keptForPackages.channels }, () => new made.MessageChannel());
    channels.reset();
    first.port1.postMessage(1);
    await turns();
    expect(heard).toEqual(['message 1']);
    expect(() => structuredClone(many.at(-1)!.port1, { transfer: [many.at(-1)!.port1] })).toThrow(/detached/);
    for (const { port1 } of [first, ...many]) port1.close();
  });

  it('leaves a channel alone of which another agent has an end', async () => {
    const { port1, port2 } = new MessageChannel();
    const moved = structuredClone(port2, { transfer: [port2] });
    const heard = listenTo(moved);
    channels.reset();
    await turns();
    expect(heard).toEqual([]);
    moved.close();
    port1.close();
  });

  it('has nothing to do with channels that the program has closed', async () => {
    const { port1 } = new MessageChannel();
    port1.close();
    await turns();
    expect(() => channels.reset()).not.toThrow();
  });

  it('closes broadcast channels, so that the next execution does not hear the last', async () => {
    const heard: unknown[] = [];
    const left = new BroadcastChannel('open-channels');
    left.onmessage = (event: unknown) => heard.push((event as MessageEvent).data);
    const closed = new BroadcastChannel('open-channels');
    closed.close();
    channels.reset();
    const sender = new workerThreads.BroadcastChannel('open-channels');
    sender.postMessage('again');
    await turns();
    sender.close();
    expect(heard).toEqual([]);
  });
});

async function exposeCollector(): Promise<() => void> {
  const { setFlagsFromString } = await import('node:v8');
  const { runInNewContext } = await import('node:vm');
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}
