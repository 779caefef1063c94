import { z } from 'zod';

/** How many different interleavings the executions of a scenario showed: up to the order of independent operations. */
export const interleavingCountsSchema = z.strictObject({
  /** The executions that were counted: those that ended a process are not, nor those after the first million interleavings. */
  executions: z.int().min(1),
  distinct: z.int().min(1),
  /** The last thousand executions, or the last half if there were fewer than two thousand. */
  lastExecutions: z.int().min(0),
  /** How many of those showed an interleaving that was not seen before. */
  newInLast: z.int().min(0),
  /** An estimate of the chance that another execution would. */
  chanceOfNew: z.number().min(0).max(1),
  /** An estimate of how many interleavings there are at least. */
  estimatedTotal: z.int().min(1),
});
export type InterleavingCounts = z.infer<typeof interleavingCountsSchema>;

/** From so many executions on, a half without anything new means something. */
const tellingExecutions = 100;

/** Whether executions only repeat what was seen: those of the last half, or the last thousand, showed no new interleaving. */
export function repeatsItself({ executions, newInLast }: InterleavingCounts): boolean {
  return executions >= tellingExecutions && newInLast === 0;
}
