import { isSharedArrayBuffer } from 'node:util/types';
import { DefaultSerializer } from 'node:v8';
import type { BufferNumbers } from './buffer-numbers.js';

/** As they are before any program under test could replace them. */
const isView = ArrayBuffer.isView.bind(ArrayBuffer);

/** Writes what structured cloning would, and numbers in the place of what is shared. */
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
 * Stands for what a message holds: equal for equal contents. Undefined for what cannot be written down.
 *
 * @param value as it was received: a clone, which has no code of the program's in it
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
