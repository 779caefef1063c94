import { actorRecords } from './actor/records.js';
import type { Bridge } from './bridge.js';
import { dualQueueRecords } from './dual-queue/records.js';
import { immutableSnapshotRecords } from './immutable-snapshot/records.js';
import { lockPairRecords, publishedLockPairRecords } from './lock-pair/records.js';
import { messagePortRecords } from './message-port/records.js';
import { pipelineRecords } from './pipeline/records.js';
import { unsynchronisedRecords } from './unsynchronised/records.js';

/** Every bridge that carries records, in every variant. A function, so that importing one bridge need not load them all. */
export function recordBridges(): readonly Bridge[] {
  return [
    unsynchronisedRecords,
    messagePortRecords.published,
    messagePortRecords.hardened,
    dualQueueRecords.published,
    dualQueueRecords.hardened,
    publishedLockPairRecords,
    lockPairRecords,
    immutableSnapshotRecords,
    actorRecords.published,
    actorRecords.hardened,
    pipelineRecords.published,
    pipelineRecords.hardened,
  ];
}
