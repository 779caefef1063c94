import { parentPort } from 'node:worker_threads';
import { scenario } from 'threadmill';
import { AsyncEvent } from 'threadmill/bridges';
import type { ConnectionState } from '../connection.js';

const closing = new AsyncEvent();
let state: unknown = 'connected' satisfies ConnectionState;

// The event is not cleared when the connection is up again. The handler that waits for the next time it closes drains at once,
// and removes the requests of a working connection.
export default scenario({
  writers: {
    count: 1,
    run() {
      parentPort!.once('message', () => {
        for (const next of ['closing', 'connected', 'closing']) parentPort!.postMessage(next);
      });
    },
  },
  readers: {
    count: 2,
    async run({ index, workers, history, pause }) {
      if (index === 0) {
        workers[0]!.on('message', (next) => {
          history.read({ state: next });
          state = next;
          if (state === 'closing') closing.set();
        });
        workers[0]!.postMessage('listening');
        return;
      }
      for (let connection = 1; connection <= 2; connection++) {
        await closing.wait();
        history.read({ drains: connection, while: state });
        await pause();
      }
    },
  },
  invariants: {
    'requests are drained as the connection closes': ({ event }) => {
      const { drains, while: found } = (event?.kind === 'read' ? event.value : {}) as {
        drains?: number;
        while?: string;
      };
      if (drains === undefined || found === 'closing') return undefined;
      return { expected: `connection ${drains} to be closing when its requests are drained`, found: String(found) };
    },
  },
  expect: { verdict: 'violation', invariant: 'requests are drained as the connection closes' },
});
