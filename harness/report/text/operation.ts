import type { Address, MemoryAddress, Operation } from '../../results/operation-schema.js';

/** Which of the shared buffers an address is in, such as `#0`. */
export function bufferText({ buffer }: MemoryAddress): string {
  return `#${buffer}`;
}

/** The position of an address in its buffer: the element, such as `[3]`, or `byte 5` if no element begins there. */
export function elementText(address: MemoryAddress): string {
  const { byteOffset, byteLength } = address;
  return isElement(address) ? `[${byteOffset / byteLength}]` : `byte ${byteOffset}`;
}

/** Whether an address is an element of an array that starts at the beginning of its buffer. */
export function isElement({ byteOffset, byteLength }: MemoryAddress): boolean {
  return byteOffset % byteLength === 0;
}

/** What an operation addresses, such as `#0[3]`, `port 2`, `timer 1`, `reader 0`. */
export function addressText(address: Address): string {
  switch (address.kind) {
    case 'memory':
      return bufferText(address) + (isElement(address) ? '' : ' ') + elementText(address);
    case 'port':
      return `port ${address.port}`;
    case 'worker':
      return `worker ${address.agent}`;
    case 'timer':
      return `timer ${address.timer}`;
    case 'reader':
      return `reader ${address.reader}`;
    case 'program':
      return 'run';
    case 'after':
      return 'after';
  }
}

/** What an operation returned or wrote, such as `7`, `woke 1`, `20 ms`; undefined if there is nothing to show. */
export function valueText(operation: Operation): string | undefined {
  const { kind, value, result, woken, receivers, timeMs, exitCode, recorded } = operation;
  if (result !== undefined) return result;
  if (exitCode !== undefined) return `with code ${exitCode}`;
  if (woken !== undefined) return `woke ${woken}`;
  if (receivers !== undefined) return receivers === 0 ? 'no receiver' : undefined;
  if (timeMs !== undefined) return `${kind === 'clock' && typeof timeMs === 'number' ? timeMs.toFixed(3) : timeMs} ms`;
  return value === undefined ? recorded : String(value);
}

/** One operation in words, such as `Atomics.load #0[3] 7`. */
export function operationText(operation: Operation): string {
  const { kind, address } = operation;
  return [kind, address === undefined ? undefined : addressText(address), valueText(operation)]
    .filter((part) => part !== undefined)
    .join(' ');
}
