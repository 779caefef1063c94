import { scenario } from 'threadmill';
import { SimplifiedValueWatcher } from 'threadmill/bridges';
import type { ConnectionState } from '../connection.js';

const watcher = new SimplifiedValueWatcher<ConnectionState>('connected');

// Each agent that loads this module has a watcher of its own. The worker closes its own one, and the reader waits for good.
export default scenario({
  name: 'value-watcher: simplified, on another thread',
  store: () => ({}),
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
