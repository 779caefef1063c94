import { isSharedArrayBuffer } from 'node:util/types';
import { DefaultSerializer } from 'node:v8';
import type { BufferNumbers } from './buffer-numbers.js';

/** Captured before a program under test could replace them. */
const isView = ArrayBuffer.isView.bind(ArrayBuffer);

/** Writes what structured cloning would write, with numbers in place of shared memory. */
class ContentSerializer extends DefaultSerializer {
  readonly #buffers: BufferNumbers;

  constructor(buffers: BufferNumbers) {
    super();
    this.#buffers = buffers;
  }

  _getSharedArrayBufferId(buffer: SharedArrayBuffer): number {
    return this.#buffers.of(buffer);
  }

  _writeHostObject(item: object): void {
    if (!isView(item)) return;
    if (isSharedArrayBuffer(item.buffer)) {
      this.writeUint32(this.#buffers.of(item.buffer));
      this.writeUint32(item.byteOffset);
      this.writeUint32(item.byteLength);
    } else {
      this.writeRawBytes(new Uint8Array(item.buffer, item.byteOffset, item.byteLength));
    }
  }
}

/**
 * Identifies the contents of a message: equal for equal contents. Undefined for contents that cannot be serialized.
 *
 * @param value the received value: a clone, which contains none of the program's code
 */
export function contentHash(value: unknown, buffers: BufferNumbers): number | undefined {
  const serializer = new ContentSerializer(buffers);
  try {
    serializer.writeValue(value);
  } catch {
    return undefined;
  }
  let hash = 1;
  for (const byte of serializer.releaseBuffer()) hash = (Math.imul(hash, 31) + byte) | 0;
  return hash;
}
