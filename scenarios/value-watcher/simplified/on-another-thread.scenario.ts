import { scenario } from 'threadmill';
import { SimplifiedValueWatcher } from 'threadmill/bridges';
import type { ConnectionState } from '../../connection.js';

const watcher = new SimplifiedValueWatcher<ConnectionState>('connected');

// Each agent that loads this module has its own watcher. The worker sets only its own one, so the reader waits forever.
export default scenario({
  writers: {
    count: 1,
    run({ history }) {
      watcher.set('closing');
      history.read({ sees: watcher.value });
    },
  },
  readers: {
    count: 1,
    async run({ history }) {
      history.read({ sees: watcher.value });
      await watcher.waitFor('closing');
    },
  },
  expect: 'deadlock',
});
