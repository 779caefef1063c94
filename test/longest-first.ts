import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longest, in this order. What starts last should be short, so that no core is idle in the end. */
const longest = [
  'documentation/documents.test.ts',
  'worker-conformance/workers.test.ts',
  'end-to-end/worker-faults.test.ts',
  'end-to-end/livelocks.test.ts',
  'end-to-end/bad-input.test.ts',
];

/** Starts the longest files first, then the others that start processes. Without a cache, vitest knows no durations. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId, project }: TestSpecification): number => {
      const place = longest.findIndex((name) => moduleId.endsWith(name));
      if (place >= 0) return place;
      return project.name === 'end to end' || project.name === 'in process' ? longest.length : longest.length + 1;
    };
    const sorted = await super.sort(files);
    return sorted.sort((one, other) => rankOf(one) - rankOf(other));
  }
}
