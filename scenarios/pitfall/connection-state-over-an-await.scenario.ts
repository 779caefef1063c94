import { scenario } from 'threadmill';
import { PublishedConnectionManager } from 'threadmill/bridges';
import { mutualExclusion } from 'threadmill/invariants';

// The state says `connecting`, and it is never checked: two coroutines that need the connection both establish it.
export default scenario({
  store: (): { manager?: PublishedConnectionManager } => ({}),
  readers: {
    count: 2,
    async run({ store, history, pause }) {
      const manager = (store.manager ??= new PublishedConnectionManager(pause));
      if (manager.state === 'connected') return;
      const section = history.write('connect');
      await manager.connect();
      section.acknowledge();
    },
  },
  invariants: [mutualExclusion()],
  expect: { verdict: 'violation', invariant: 'mutualExclusion' },
});
