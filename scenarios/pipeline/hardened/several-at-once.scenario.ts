import { scenario } from 'threadmill';
import { Stage } from 'threadmill/bridges';
import { stagesOverlap, type Progress } from '../never-two-at-once.js';

// Three items go through two joined stages: while the second one processes an item, the first one processes the next.
export default scenario({
  readers: {
    count: 1,
    async run({ history, pause }) {
      const processItem = async (item: string): Promise<string> => {
        history.read(`${item} begins` satisfies Progress);
        await pause();
        history.read(`${item} ends` satisfies Progress);
        return item.toUpperCase();
      };
      const loader = new Stage({
        name: 'loader',
        process: processItem,
        next: new Stage({ name: 'processor', process: processItem, next: () => undefined }),
      });
      for (const item of ['item_0', 'item_1', 'item_2']) await loader.send(item);
      await loader.end();
    },
  },
  invariants: [stagesOverlap],
  expect: 'held',
});
