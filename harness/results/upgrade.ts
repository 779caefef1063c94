import { agentNames } from './agent-name.js';
import { operationKinds } from '../operation-kinds.js';
import { saveNumber } from './save-number.js';
import type { Address, MemoryAddress, Operation } from './operation-schema.js';
import type { BlockedAgent, Failure } from './failure-schema.js';
import { asRecord } from './read-json.js';
import { runSchemaVersion, schemaVersion } from './schema-versions.js';

/**
 * The content of a file in the present version: an older one is upgraded, anything else is left unchanged. Schemas check
 * the result.
 */
export function upgradeCounterexample(content: unknown): unknown {
  const old = asRecord(content);
  if (old['schema'] !== 'threadmill/counterexample' || old['version'] !== 1) return content;
  const { trace, failure, writers } = old;
  const operations = Array.isArray(trace)
    ? trace.map((operation) => upgradedOperation(asRecord(operation), typeof writers === 'number' ? writers : 0))
    : trace;
  return {
    ...old,
    version: schemaVersion,
    // Writers kept their names.
    ...(Array.isArray(old['agents']) ? { agents: agentNames(old['agents'].length - 1) } : {}),
    failure: upgradedFailure(asRecord(failure), operations),
    trace: operations,
  };
}

/**
 * The content of a run record in the present version. Version 2 always said that the last scenario of an interrupted run
 * held; version 3 had a message in every failure, which is still allowed.
 */
export function upgradeRunRecord(content: Record<string, unknown>): Record<string, unknown> {
  if (content['schema'] !== 'threadmill/run' || (content['version'] !== 2 && content['version'] !== 3)) return content;
  const upgrade = { ...content, version: runSchemaVersion };
  const { version, interrupted, scenarios } = content;
  if (version !== 2 || interrupted !== true || !Array.isArray(scenarios)) return upgrade;
  const last = asRecord(scenarios.at(-1));
  if (last['verdict'] !== 'held') return upgrade;
  return {
    ...upgrade,
    scenarios: [...(scenarios.slice(0, -1) as unknown[]), { ...last, verdict: 'interrupted', met: false }],
  };
}

/** Version 1 did not have the size of elements. Four bytes is the most common size, and reports look the same. */
const assumedByteLength = 4;

/** Version 1 had addresses and values as text. */
function upgradedOperation(old: Record<string, unknown>, writers: number): Record<string, unknown> {
  const { operation, location, value, ...rest } = old;
  const address = typeof location === 'string' ? upgradedAddress(location, writers) : undefined;
  return {
    ...rest,
    kind: operation,
    ...(location === undefined ? {} : { address }),
    ...(typeof value === 'string' ? upgradedValue(String(operation), value) : {}),
  };
}

function upgradedAddress(location: string, writers: number): Address | undefined {
  const [, name, first = '', second = ''] = /^(#|port |timer |reader )(\d+)(.*)$/.exec(location) ?? [];
  const number = Number(first);
  if (name === 'timer ') return { kind: 'timer', timer: number };
  if (name === 'reader ') return { kind: 'reader', reader: number };
  // Ports were numbered in pairs, those of the workers first; the pairs of the others are unknown.
  if (name === 'port ') return { kind: 'port', port: number, ...(number < 2 * writers ? { peer: number ^ 1 } : {}) };
  const [, element, byte] = /^(?:\[(\d+)\]| byte (\d+))$/.exec(second) ?? [];
  if (name === undefined || (element ?? byte) === undefined) return undefined;
  const byteOffset = element === undefined ? Number(byte) : Number(element) * assumedByteLength;
  return { kind: 'memory', buffer: number, byteOffset, byteLength: assumedByteLength };
}

function upgradedValue(operation: string, value: string): Partial<Operation> {
  if (operation.startsWith('history.')) return { recorded: value };
  if (value === 'ok' || value === 'timed-out') return { result: value };
  if (value === 'to nobody') return { receivers: 0 };
  const woken = /^woke (\d+)$/.exec(value)?.[1];
  if (woken !== undefined) return { woken: Number(woken) };
  const timeMs = /^(.+) ms$/.exec(value)?.[1];
  if (timeMs !== undefined) return { timeMs: saveNumber(Number(timeMs)) };
  return { value: saveNumber(Number(value)) };
}

/** Version 1 listed blocked agents in lines of a deadlock's message. If one line is not understood, all stay unchanged. */
function upgradedFailure(old: Record<string, unknown>, trace: unknown): Partial<Failure> {
  const { verdict, invariant, message, ...rest } = old as Partial<Failure>;
  const kept = {
    ...(verdict === undefined ? {} : { verdict }),
    ...(invariant === undefined ? {} : { invariant }),
    ...rest,
  };
  if (typeof message !== 'string') return kept;
  if (verdict === 'violation' && message.startsWith(`${invariant} does not hold`)) return kept;
  if (verdict !== 'deadlock') return { ...kept, message };
  const blocked = message
    .split('\n')
    .slice(1)
    .map((line) => upgradedBlocked(line, trace));
  const known = blocked.filter((agent) => agent !== undefined);
  return known.length < blocked.length || known.length === 0 ? { ...kept, message } : { ...kept, blocked: known };
}

const waitsLine = /^(readers|writer (\d+)) waits in Atomics\.wait(?: on #\d+, byte \d+,)? since (.*)$/;
const awaitsLine =
  /^(?:(\d+) of the readers await|writer (\d+) awaits) what nobody settles; the last operation there: (.+?) at (.*)$/;

function upgradedBlocked(line: string, trace: unknown): BlockedAgent | undefined {
  const waits = waitsLine.exec(line);
  if (waits !== null) {
    const agent = waits[2] === undefined ? 0 : Number(waits[2]) + 1;
    const address = lastWaitAddress(trace, agent);
    return {
      agent,
      on: 'Atomics.wait',
      ...(address === undefined ? {} : { address }),
      ...upgradedSite(waits[3] ?? ''),
    };
  }
  const awaits = awaitsLine.exec(line);
  const lastOperation = operationKinds.find((kind) => kind === awaits?.[3]);
  if (awaits === null || lastOperation === undefined) return undefined;
  const [, readers, writer, , place = ''] = awaits;
  return {
    agent: writer === undefined ? 0 : Number(writer) + 1,
    on: 'promise',
    ...(readers === undefined ? {} : { readers: Number(readers) }),
    lastOperation,
    ...upgradedSite(place),
  };
}

function upgradedSite(place: string): Pick<BlockedAgent, 'site'> {
  const [, file, line, column] = /^(.+):(\d+):(\d+)$/.exec(place) ?? [];
  return file === undefined ? {} : { site: { file, line: Number(line), column: Number(column) } };
}

function lastWaitAddress(trace: unknown, agent: number): MemoryAddress | undefined {
  if (!Array.isArray(trace)) return undefined;
  const wait = (trace as Partial<Operation>[]).findLast(
    (operation) => operation.agent === agent && operation.kind === 'Atomics.wait',
  );
  return wait?.address?.kind === 'memory' ? wait.address : undefined;
}
