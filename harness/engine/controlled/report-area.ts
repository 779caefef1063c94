import type { Failure } from '../../results/failure-schema.js';
import type { KernelMemory } from '../../kernel/layout.js';
import * as at from '../../kernel/layout.js';

/** As they are before any program under test could replace them. */
const { parse, stringify } = JSON;

/** What the agent that ended an execution says about it. */
export interface EndReport {
  /** Absent when only the end of the execution showed it: then it is nobody's doing in particular. */
  readonly agent?: number;
  readonly step: number;
  readonly site: number;
  readonly message: string;
  readonly invariant?: string;
  readonly expected?: string | undefined;
  readonly found?: string | undefined;
  readonly assertion?: Failure['assertion'];
  /** As the engine gave it: positions in the bundle. */
  readonly stack?: string | undefined;
}

/** Leaves the report where every thread of the explorer, the watchdog too, can read it. */
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
