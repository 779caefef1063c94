import { scenario } from 'threadmill';
import { SimplifiedValueWatcher } from 'threadmill/bridges';
import type { ConnectionState } from '../connection.js';

const watcher = new SimplifiedValueWatcher<{ state: ConnectionState }>({ state: 'connected' });

// The setter changes the object that the watcher has, and sets that. It equals itself, so nobody is told, though anybody who
// looks can see that it has changed.
export default scenario({
  name: 'value-watcher: simplified, changed in place',
  store: () => ({}),
  writers: { count: 1, run: () => undefined },
  readers: {
    count: 1,
    async run({ history }) {
      const draining = watcher.waitFor({ state: 'closing' });
      const { value } = watcher;
      value.state = 'closing';
      watcher.set(value);
      history.read({ waitsFor: 'closing', value: watcher.value });
      await draining;
    },
  },
  expect: 'deadlock',
});
