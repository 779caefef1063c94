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

/** How many requests the actor has begun, and how many it was to begin: all that it had accepted, if it drains. */
interface Stopped {
  readonly begun: number;
  readonly toBegin: number;
}

const isRejected = (value: unknown): value is Rejected =>
  typeof value === 'object' && value !== null && 'rejected' in value;

const rejectedIsNotHandled = invariant('what was rejected is never handled', ({ history, final }) => {
  if (!final) return true;
  const reads = history.filter((event) => event.kind === 'read').map(({ value }) => value);
  return !reads.some((value) => isRejected(value) && reads.includes(value.rejected)) || 'it was handled';
});

const drainsWhatItHas = invariant('what was accepted is drained, and nothing else is begun', ({ event }) => {
  if (event?.kind !== 'read' || typeof event.value === 'string' || isRejected(event.value)) return true;
  const { begun, toBegin } = event.value as Stopped;
  return begun === toBegin || { expected: `${toBegin} requests begun`, found: `${begun}` };
});

// The actor is stopped while workers send requests, with or without draining its mailbox. Each request is either handled and
// answered, or rejected and never handled, and no worker waits forever.
export default scenario({
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
      let begun = 0;
      const actor = new Actor({
        name: 'slow',
        state: null,
        handle: async (_, request: string) => {
          begun++;
          await pause();
          history.read(request);
        },
      });
      for (const worker of workers) void actor.serve(lineOver(worker, 'actor'), { window: 2 });
      for (let count = 0; count < params.pauses; count++) await pause();
      const toBegin = begun + (params.drain ? actor.mailboxSize : 0);
      await actor.stop({ drain: params.drain });
      history.read({ begun, toBegin } satisfies Stopped);
      store.left[0] = actor.mailboxSize;
    },
  },
  invariants: [
    exactlyOnce({ delivered: (value) => (typeof value === 'string' ? value : undefined) }),
    rejectedIsNotHandled,
    drainsWhatItHas,
    quiescent({ left: ({ left }: Store) => left[0]! }),
  ],
  expect: 'held',
});
