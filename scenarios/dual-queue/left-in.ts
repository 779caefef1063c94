import { ThreadQueueConsumer, type ThreadQueueMemory } from 'threadmill/bridges';

/** The items still in a thread queue when all have finished. */
export function leftIn(memory: ThreadQueueMemory): unknown[] {
  const consumer = new ThreadQueueConsumer(memory);
  const left: unknown[] = [];
  for (let next = consumer.tryGet(); next !== undefined; next = consumer.tryGet()) left.push(next.item);
  return left;
}
