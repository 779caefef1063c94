import { hostile } from 'threadmill/bridges/hostile';
import { pipelineRecords } from 'threadmill/bridges/records';

// Records go through two stages before they are in the table. A write is acknowledged when the first stage has it. Each stage
// waits until the next one has room, and the end comes behind the last record.
export default hostile(pipelineRecords.hardened, {
  keys: 'shared',
  expect: 'held',
});
