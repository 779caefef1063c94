import { scenario } from 'threadmill';
import { publishedPipeline, PublishedStage } from 'threadmill/bridges';
import { stagesOverlap, type Progress } from '../never-two-at-once.js';

// The complete example of the article. It waits for the result of each item before it sends the next one, so under no schedule
// are two items under way: the queues carry one item at a time, as a function call would.
export default scenario({
  readers: {
    count: 1,
    async run({ history, pause }) {
      const processItem = async (item: unknown): Promise<string> => {
        history.read(`${String(item)} begins` satisfies Progress);
        await pause();
        history.read(`${String(item)} ends` satisfies Progress);
        return String(item).toUpperCase();
      };
      const loader = new PublishedStage('loader', () => ['item_0', 'item_1']);
      const processor = new PublishedStage('processor', processItem);
      void loader.run();
      void processor.run();
      await publishedPipeline(loader, processor, 'data.csv', () => undefined);
    },
  },
  invariants: [stagesOverlap],
  expect: { verdict: 'violation', invariant: 'two items are under way at once, at least once' },
});
