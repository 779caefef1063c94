import { scenario } from 'threadmill';
import { publishedConnect } from 'threadmill/bridges';
import { mutualExclusion } from 'threadmill/invariants';

// The state is passed in and a new one returned, so no other code changes it. But each coroutine has its own state, and there
// is one connection: both start from `disconnected`, and both establish it.
export default scenario({
  readers: {
    count: 2,
    async run({ history, pause }) {
      const state = await publishedConnect('disconnected', async () => {
        const section = history.write('establish');
        await pause();
        section.acknowledge();
      });
      history.read(state);
    },
  },
  invariants: [mutualExclusion()],
  expect: { verdict: 'violation', invariant: 'mutualExclusion' },
});
