import { scenario } from 'threadmill';
import { SimplifiedValueWatcher } from 'threadmill/bridges';
import type { ConnectionState } from '../../connection.js';

const watcher = new SimplifiedValueWatcher<{ state: ConnectionState }>({ state: 'connected' });

// The setter changes the watcher's object in place, and sets it again. The object equals itself, so no waiter is woken, though
// anyone who looks can see that it has changed.
export default scenario({
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
