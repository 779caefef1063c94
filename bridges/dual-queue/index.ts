export * from './errors.js';
export * from './hardened-memory.js';
export * from './hardened-producer.js';
export * from './hardened.js';
export * from './published.js';
export { ThreadQueueConsumer } from './thread-queue-consumer.js';
export { createThreadQueue, type ThreadQueueMemory, type ThreadQueueOptions } from './thread-queue-memory.js';
export { ThreadQueueProducer } from './thread-queue-producer.js';
