import { scenario } from 'threadmill';
import { publishedPipeline, PublishedStage } from 'threadmill/bridges';
import { stagesOverlap, type Progress } from './never-two-at-once.js';

// The complete example of the article. It sends an item and waits for its result before it sends the next one, so whatever the
// schedule is no two of them are ever under way: the queues carry one thing at a time, as a function call would.
export default scenario({
  name: 'pipeline: published: never two at once',
  store: () => null,
  writers: { count: 1, run: () => undefined },
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
