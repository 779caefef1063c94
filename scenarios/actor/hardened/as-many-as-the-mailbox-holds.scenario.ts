import { parentPort } from 'node:worker_threads';
import fc from 'fast-check';
import { scenario } from 'threadmill';
import { Actor, ActorRef, lineOver, MailboxFull } from 'threadmill/bridges';
import { bounded, exactlyOnce } from 'threadmill/invariants';

interface Handled {
  readonly request: string;
  readonly mailboxSize: number;
}

const capacity = 2;

// Each worker has one place in the mailbox. A worker that has used it up waits, or fails at once because it is full. Accepted
// requests are handled once, and the mailbox never exceeds its capacity.
export default scenario({
  params: { requests: fc.integer({ min: 1, max: 3 }), whenFull: fc.constantFrom<'wait' | 'fail'>('wait', 'fail') },
  writers: {
    count: fc.integer({ min: 1, max: capacity }),
    async run({ params: { requests, whenFull }, index, history, pause }) {
      const actor = new ActorRef<string, undefined>(lineOver(parentPort!, 'actor'));
      for (let count = 0; count < requests; count++) {
        const request = `${index}.${count}`;
        const write = history.write(request);
        try {
          await actor.tell(request, { whenFull });
          write.acknowledge();
        } catch (error) {
          if (!(error instanceof MailboxFull)) throw error;
          await pause();
        }
      }
      await actor.close();
    },
  },
  readers: {
    count: 1,
    async run({ workers, history, pause }) {
      const actor = new Actor<null, string, undefined>({
        name: 'slow',
        state: null,
        capacity,
        handle: async (_, request: string) => {
          await pause();
          history.read({ request, mailboxSize: actor.mailboxSize } satisfies Handled);
          return undefined;
        },
      });
      await Promise.all(workers.map((worker) => actor.serve(lineOver(worker, 'actor'), { window: 1 })));
      await actor.stop();
    },
  },
  invariants: [
    exactlyOnce({ delivered: (value) => (value as Handled).request }),
    bounded({ read: (value) => (value as Handled).mailboxSize, limit: capacity - 1 }),
  ],
  expect: 'held',
});
