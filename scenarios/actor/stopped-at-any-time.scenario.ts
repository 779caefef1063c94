import { parentPort } from 'node:worker_threads';
import fc from 'fast-check';
import { invariant, scenario } from 'threadmill';
import { Actor, ActorRef, ActorStopped, lineOver } from 'threadmill/bridges';
import { exactlyOnce, quiescent } from 'threadmill/invariants';

interface Store {
  /** Requests that were in the mailbox when the actor had stopped. */
  readonly left: Int32Array;
}

interface Rejected {
  readonly rejected: string;
}

const isRejected = (value: unknown): value is Rejected =>
  typeof value === 'object' && value !== null && 'rejected' in value;

const rejectedIsNotHandled = invariant('what was rejected is never handled', ({ history, final }) => {
  if (!final) return true;
  const reads = history.filter((event) => event.kind === 'read').map(({ value }) => value);
  return !reads.some((value) => isRejected(value) && reads.includes(value.rejected)) || 'it was handled';
});

// The actor is stopped while workers ask, with or without draining its mailbox. Each request is either handled and answered,
// or rejected and never handled, and nobody waits for ever.
export default scenario({
  name: 'actor: stopped at any time',
  params: { requests: fc.integer({ min: 1, max: 3 }), drain: fc.boolean(), pauses: fc.integer({ min: 0, max: 3 }) },
  store: (): Store => ({ left: new Int32Array(new SharedArrayBuffer(4)) }),
  writers: {
    count: fc.integer({ min: 1, max: 2 }),
    async run({ params, index, history }) {
      const actor = new ActorRef<string, undefined>(lineOver(parentPort!, 'actor'));
      const ask = async (request: string): Promise<void> => {
        const write = history.write(request);
        try {
          await actor.request(request);
          write.acknowledge();
        } catch (error) {
          if (!(error instanceof ActorStopped)) throw error;
          history.read({ rejected: request } satisfies Rejected);
        }
      };
      await Promise.all(Array.from({ length: params.requests }, (_, request) => ask(`${index}.${request}`)));
    },
  },
  readers: {
    count: 1,
    async run({ store, params, workers, history, pause }) {
      const actor = new Actor({
        name: 'slow',
        state: null,
        handle: async (_, request: string) => {
          await pause();
          history.read(request);
        },
      });
      for (const worker of workers) void actor.serve(lineOver(worker, 'actor'), { window: 2 });
      for (let count = 0; count < params.pauses; count++) await pause();
      await actor.stop({ drain: params.drain });
      store.left[0] = actor.mailboxSize;
    },
  },
  invariants: [
    exactlyOnce({ delivered: (value) => (isRejected(value) ? undefined : value) }),
    rejectedIsNotHandled,
    quiescent({ left: ({ left }: Store) => left[0]! }),
  ],
  expect: 'held',
});
