import { hostile } from 'threadmill/bridges/hostile';
import { pipelineRecords } from 'threadmill/bridges/records';

// What the article says of its pipeline is true: stages that own what they work on need no lock. Its faults show when a stage
// throws or is slow, and in that it processes one item after another.
export default hostile(pipelineRecords.published, {
  keys: 'shared',
  expect: 'held',
});
