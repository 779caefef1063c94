import type { Failure } from '../../results/failure-schema.js';
import type { KernelMemory } from '../../kernel/layout.js';
import * as at from '../../kernel/layout.js';

/** Captured before a program under test could replace them. */
const { parse, stringify } = JSON;

/** What the agent that ended an execution says about it; the stack is V8's, with positions in the bundle. */
export type EndReport = Omit<Failure, 'verdict' | 'blocked' | 'livelock'>;

/** Writes the report where every thread of the explorer, including the watchdog, can read it. */
export function writeReport(memory: KernelMemory, report: EndReport): void {
  let text = stringify(report);
  let bytes = new TextEncoder().encode(text);
  if (bytes.length > at.reportCapacity) {
    const cut = (part: string | undefined): string | undefined => part?.slice(0, at.reportCapacity / 32);
    text = stringify({
      ...report,
      message: cut(report.message),
      expected: cut(report.expected),
      found: cut(report.found),
      stack: cut(report.stack),
    });
    bytes = new TextEncoder().encode(text);
  }
  memory.report.set(bytes);
  memory.words[at.REPORT_BYTES] = bytes.length;
}

/** Undefined when the execution ended without one. */
export function readReport(memory: KernelMemory): EndReport | undefined {
  const length = memory.words[at.REPORT_BYTES]!;
  if (length === 0) return undefined;
  return parse(new TextDecoder().decode(memory.report.slice(0, length))) as EndReport;
}
