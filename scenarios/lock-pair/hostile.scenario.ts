import { lockPairRecords } from 'threadmill/bridges/records';
import { hostile } from '../hostile.js';

// One lock for threads and coroutines, which the loop waits for without blocking: nothing is lost, torn, or seen to go back.
export default hostile(lockPairRecords, { name: 'lock-pair: hostile workload', keys: 'shared', expect: 'held' });
