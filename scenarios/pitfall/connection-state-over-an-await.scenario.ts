import { scenario } from 'threadmill';
import { PublishedConnectionManager } from 'threadmill/bridges';
import { mutualExclusion } from 'threadmill/invariants';

const managers = new WeakMap<object, PublishedConnectionManager>();

// The state says `connecting`, and it is never checked: two coroutines that need the connection both establish it.
export default scenario({
  store: () => ({}),
  writers: { count: 1, run: () => undefined },
  readers: {
    count: 2,
    async run({ store, history, pause }) {
      let manager = managers.get(store);
      if (manager === undefined) managers.set(store, (manager = new PublishedConnectionManager(pause)));
      if (manager.state === 'connected') return;
      const section = history.write('connect');
      await manager.connect();
      section.acknowledge();
    },
  },
  invariants: [mutualExclusion()],
  expect: { verdict: 'violation', invariant: 'mutualExclusion' },
});
