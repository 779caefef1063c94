import { Writable } from 'node:stream';

/** A destination that counts the bytes that it gets. */
export default ({ received }) => {
  const bytes = new Int32Array(received);
  return new Writable({
    write(chunk, encoding, callback) {
      bytes[0] += chunk.length;
      callback();
    },
  });
};
