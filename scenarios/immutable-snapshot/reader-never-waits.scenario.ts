import { scenario } from 'threadmill';
import { createImmutableSnapshot, ImmutableSnapshot } from 'threadmill/bridges';

// The writer stops while it writes, and continues only after the reader has read: if the reader waited for it in any way,
// neither would ever continue.
export default scenario({
  store: () => ({
    settings: createImmutableSnapshot('old', { valueBytes: 16, versions: 3 }),
    hasRead: new Int32Array(new SharedArrayBuffer(4)),
  }),
  writers: {
    count: 1,
    run({ store: { settings, hasRead } }) {
      new ImmutableSnapshot<string>(settings).updateFromThread(() => {
        Atomics.wait(hasRead, 0, 0);
        return 'new';
      });
    },
  },
  readers: {
    count: 1,
    run({ store: { settings, hasRead }, history }) {
      history.read(new ImmutableSnapshot<string>(settings).read().value);
      Atomics.store(hasRead, 0, 1);
      Atomics.notify(hasRead, 0);
    },
  },
  invariants: {
    'the version before': ({ event }) => event?.kind !== 'read' || event.value === 'old',
  },
});
