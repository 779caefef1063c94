import type { BridgeState, ReaderEnd, WriterLink } from 'threadmill/bridges/records';
import { recordBridges } from 'threadmill/bridges/records';

/** The work of both the bare program and the scenario: records through the dual queue, read while they arrive. */
export const size = { writers: 2, writes: 20_000, readers: 4, reads: 20, keys: 16 } as const;

const bridge = recordBridges().find(({ name, variant }) => name === 'dual-queue' && variant === 'hardened');
if (bridge === undefined) throw new Error('there is no dual queue');

export const open = (): BridgeState =>
  bridge.open({ writers: size.writers, capacity: size.writers * size.keys, payloadWords: 4, queueCapacity: 256 });
export const readerEnd = bridge.readerEnd.bind(bridge);

/** @param around called with each write, which it must perform */
export async function write(
  state: BridgeState,
  link: WriterLink,
  around: (entry: object, make: () => void | Promise<void>) => void | Promise<void>,
): Promise<void> {
  const end = bridge!.writerEnd(state, link);
  for (let number = 0; number < size.writes; number++) {
    const entry = { key: link.index * size.keys + (number % size.keys), payload: [link.index, number, number, number] };
    await around(entry, () => end.write(entry));
  }
  await end.close();
}

/** @param saw called with each snapshot */
export async function read(end: ReaderEnd, pause: () => Promise<void>, saw: (snapshot: object) => void): Promise<void> {
  for (let number = 0; number < size.reads; number++) {
    saw(await end.read());
    await pause();
  }
}
