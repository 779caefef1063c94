import { z } from 'zod';
import { operationKinds } from '../operation-kinds.js';
import { maximumAgents } from '../scenario/limits.js';

/** An agent's number: 0 is the main agent, writer `i` is agent `i + 1`, then come workers that the program started. */
export const agentSchema = z
  .int()
  .min(0)
  .max(maximumAgents - 1);

/** A place in the source, relative to the project's folder. Lines and columns count from 1. */
export const siteSchema = z.strictObject({ file: z.string(), line: z.int(), column: z.int() });

/** A range of bytes of one shared buffer. Buffers are numbered from 0, in the order of their first use. */
export const memoryAddressSchema = z.strictObject({
  kind: z.literal('memory'),
  buffer: z.int().min(0),
  byteOffset: z.int().min(0),
  /** The size of the element that was accessed. */
  byteLength: z.literal([1, 2, 4, 8]),
});

/** What an operation addresses. */
export const addressSchema = z.discriminatedUnion('kind', [
  memoryAddressSchema,
  z.strictObject({
    kind: z.literal('port'),
    port: z.int().min(0),
    /** The other end of its channel. Broadcast channels have none. */
    peer: z.int().min(0).optional(),
  }),
  /** A worker that the program started, by its agent. */
  z.strictObject({ kind: z.literal('worker'), agent: agentSchema }),
  z.strictObject({ kind: z.literal('timer'), timer: z.int().min(0) }),
  /** One of the coroutines that share the main agent. */
  z.strictObject({ kind: z.literal('reader'), reader: z.int().min(0) }),
  /** The coroutine of a scenario that is a program. */
  z.strictObject({ kind: z.literal('program') }),
  /** The coroutine of the scenario's `after`. */
  z.strictObject({ kind: z.literal('after') }),
]);

/** A number, or its name if JSON cannot hold it. */
export const savedNumberSchema = z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity', '-0'])]);

/** One visible operation, as a counterexample keeps it. */
export const operationSchema = z.strictObject({
  step: z.int().min(0),
  agent: agentSchema,
  kind: z.enum(operationKinds),
  /** Absent if nothing is addressed. */
  address: addressSchema.optional(),
  /** For an access to memory: the value that it returned or wrote. */
  value: savedNumberSchema.optional(),
  /** For `Atomics.wait returns`. */
  result: z.enum(['ok', 'timed-out']).optional(),
  /** For `Atomics.notify`: how many agents it woke. */
  woken: z.int().min(0).optional(),
  /** For `postMessage`: how many ports the message was sent to. */
  receivers: z.int().min(0).optional(),
  /** For `set timer` its delay, for `clock` the virtual time, in milliseconds. */
  timeMs: savedNumberSchema.optional(),
  /** For `exit`. */
  exitCode: z.int().optional(),
  /** For history entries: the value, printed and shortened. */
  recorded: z.string().optional(),
  /** Why the turn came to this agent just before the operation, if it did. */
  turn: z.enum(['preemption', 'yield', 'blocked']).optional(),
  site: siteSchema.optional(),
  /** The source line, trimmed. */
  source: z.string().optional(),
});

export type Site = z.infer<typeof siteSchema>;
export type MemoryAddress = z.infer<typeof memoryAddressSchema>;
export type Address = z.infer<typeof addressSchema>;
export type SavedNumber = z.infer<typeof savedNumberSchema>;
export type Operation = z.infer<typeof operationSchema>;
